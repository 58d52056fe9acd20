import { languageOf, type TextKey, textOf, type Values } from "./texts/texts.js";

/** Where the browser keeps which language was chosen. */
const KEPT = "fieldmark.language";

/** Fills texts in, and fills them in again when another language is chosen. */
export class Language {
  #current: string;
  readonly #said = new Map<Element, () => string>();

  constructor() {
    this.#current = languageOf([kept() ?? "", ...navigator.languages]);
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-language]"))
      button.addEventListener("click", () => this.#choose(button.dataset.language ?? "en"));
    this.#fill();
  }

  /** A tag of BCP 47, for numbers and dates: with the person's country, where that goes with the language. */
  get tag(): string {
    return navigator.languages.find((tag) => tag.startsWith(this.#current)) ?? this.#current;
  }

  text(key: TextKey, values: Values = {}): string {
    return textOf(this.#current, key, values);
  }

  /** Says it in this element from now on, in whichever language. */
  say(element: Element, key: TextKey, values: Values = {}): void {
    this.show(element, () => this.text(key, values));
  }

  /** Shows what is written another way in each language: a number, a date. What of it is from outside, `text` makes fit. */
  show(element: Element, text: () => string): void {
    this.#said.set(element, text);
    element.textContent = text();
  }

  /** Says nothing there. */
  hush(element: Element): void {
    this.#said.delete(element);
    element.textContent = "";
  }

  #choose(language: string): void {
    this.#current = language;
    try {
      localStorage.setItem(KEPT, language);
    } catch {
      // A browser that keeps nothing: it is asked again.
    }
    this.#fill();
  }

  #fill(): void {
    document.documentElement.lang = this.#current;
    for (const element of document.querySelectorAll<HTMLElement>("[data-text]"))
      element.textContent = this.text(element.dataset.text as TextKey);
    for (const element of document.querySelectorAll<HTMLElement>("[data-label]"))
      element.setAttribute("aria-label", this.text(element.dataset.label as TextKey));
    for (const button of document.querySelectorAll<HTMLElement>("[data-language]"))
      button.setAttribute("aria-pressed", String(button.dataset.language === this.#current));
    for (const [element, text] of this.#said) {
      if (element.isConnected) element.textContent = text();
      else this.#said.delete(element); // of a board before
    }
  }
}

function kept(): string | undefined {
  try {
    return localStorage.getItem(KEPT) ?? undefined;
  } catch {
    return undefined;
  }
}
