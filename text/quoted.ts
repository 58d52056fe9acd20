import { quoted, visible } from "./visible.js";

/** `name` as it is, unless spaces in it would be overlooked. */
export const shown = (name: string): string =>
  /^[^ ]+( [^ ]+)*$/.test(name) && visible(name) === name ? name : quoted(name);

/** Whether two names differ only in what people overlook: spaces, capital letters, how a letter with an accent is put together, signs that look alike. */
export const isAlike = (one: string, other: string): boolean => bare(one) === bare(other);

/** Those of `names` that only nearly are `name`. None where it is among them. */
export const alikeAmong = (name: string, names: readonly string[]): readonly string[] =>
  names.includes(name) ? [] : names.filter((other) => isAlike(name, other));

/** What fonts draw nearly the same, after small letters: digits, Cyrillic and Greek letters, dashes, apostrophes. */
const LOOK_ALIKES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ["o", "0\u043e\u03bf"],
    ["l", "1i|\u0456\u03b9\u0131"],
    ["a", "\u0430\u03b1"],
    ["e", "\u0435"],
    ["p", "\u0440\u03c1"],
    ["c", "\u0441"],
    ["x", "\u0445\u03c7"],
    ["y", "\u0443"],
    ["'", "\u2018\u2019\u02bc`"],
  ].flatMap(([plain = "", others = ""]) => [...others].map((other) => [other, plain])),
);

const bare = (name: string) =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{C}\p{Z}\s]/gu, "")
    .replace(/\p{Pd}/gu, "-")
    .replace(/./gu, (sign) => LOOK_ALIKES[sign] ?? sign);
