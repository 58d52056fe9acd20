import { visibleLine } from "../../../text/visible.js";
import { de } from "./de.js";
import { en, type TextKey, type Texts } from "./en.js";

export type { TextKey };
export type Values = Readonly<Record<string, string | number>>;

const LANGUAGES: Readonly<Record<string, Texts>> = { de, en };

/** The first of the languages that the person reads, and that the page speaks; else English. */
export function languageOf(wanted: readonly string[]): string {
  return wanted.map((tag) => tag.split("-")[0] ?? "").find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? "en";
}

/** `key` in `language`, with `{name}` replaced by what `values` has for it, which may be from outside. */
export function textOf(language: string, key: TextKey, values: Values = {}): string {
  const texts = (Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language] : undefined) ?? en;
  return texts[key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    visibleLine(String(values[name] ?? whole)),
  );
}
