import { BoardNames, type NamedBefore, type NameSource } from "../names/board-names.js";
import { isBoardName } from "../names/place.js";
import type { Receipt } from "../operations/receipt.js";
import { element, input, part } from "./dom.js";
import type { Language } from "./language.js";
import type { Stages } from "./stages.js";
import type { TextKey } from "./texts/texts.js";

/** Where the names of a site's boards come from: counted or listed; or a person says each. */
export type Naming = NameSource | "asked";

/** The form in which a person names a board. */
export class NameForm implements NameSource {
  readonly from = "what was typed";
  readonly #language: Language;
  readonly #stages: Stages;
  readonly #field = input("board-name");
  #submit = () => {};

  constructor(language: Language, stages: Stages) {
    this.#language = language;
    this.#stages = stages;
    this.#field.addEventListener("input", () => this.#language.hush(part("name-error")));
    element("name-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  next({ had, isFree }: Parameters<NameSource["next"]>[0]): Promise<{ readonly name: string }> {
    this.#field.value = had ?? "";
    this.#language.hush(part("name-error"));
    this.#stages.show("name");
    return new Promise((resolve) => {
      this.#submit = () => {
        const name = this.#field.value.trim();
        if (!isBoardName(name)) this.#complain(name === "" ? "nameNeeded" : "nameTooLong", name);
        else if (!isFree(name)) this.#complain("nameTaken", name);
        else resolve({ name });
      };
    });
  }

  #complain(key: TextKey, name: string): void {
    this.#language.say(part("name-error"), key, { name });
    this.#field.focus();
  }
}

/** Names that boards of a place have, by the receipts of their boards. */
export function namedIn(receipts: readonly Receipt[], network: string, site: string): readonly NamedBefore[] {
  return receipts.flatMap(({ name, device, mac, ...receipt }) =>
    name === undefined || receipt.network !== network || receipt.site !== site
      ? []
      : [{ name, ids: mac === null ? [device] : [mac, device], isDone: true }],
  );
}

/** Undefined where boards keep the name that they have. */
export function namesFrom(
  naming: Naming | undefined,
  form: NameForm,
  before: readonly NamedBefore[],
): BoardNames | undefined {
  return naming && new BoardNames(naming === "asked" ? form : naming, before);
}
