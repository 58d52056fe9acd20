import { create, part } from "./dom.js";
import type { Language } from "./language.js";
import type { TextKey } from "./texts/texts.js";

/** Where the technician is, in order. */
export const STAGES = ["prepare", "connect", "firmware", "wifi", "proof", "receipt"] as const;
export type Stage = (typeof STAGES)[number];

const NAMES: Readonly<Record<Stage, TextKey>> = {
  prepare: "stagePrepare",
  connect: "stageConnect",
  firmware: "stageFirmware",
  wifi: "stageWifi",
  proof: "stageProof",
  receipt: "stageReceipt",
};

/** Sections of index.html; one is seen at a time. */
export type Section = "trouble" | "prepare" | "connect" | "work" | "name" | "wifi" | "receipt";

/** The bar of steps, and which section is seen. */
export class Stages {
  readonly #language: Language;
  readonly #items: readonly HTMLLIElement[];

  constructor(language: Language) {
    this.#language = language;
    this.#items = STAGES.map((stage) => {
      const name = create("span", { classes: "spoken" });
      language.say(name, NAMES[stage]);
      return create("li", {}, name);
    });
    part("stages").append(...this.#items);
  }

  at(stage: Stage): void {
    const index = STAGES.indexOf(stage);
    for (const [i, item] of this.#items.entries()) {
      item.classList.toggle("past", i < index);
      if (i === index) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
    this.#language.say(part("stage-name"), "stageOf", { number: index + 1, count: STAGES.length });
  }

  /** Shows a section, and moves the focus to its heading: a screen reader then reads it, and Tab goes on from there. */
  show(section: Section): void {
    const shown = part(section);
    if (!shown.hidden) return;
    for (const other of document.querySelectorAll<HTMLElement>("main > section"))
      other.hidden = other !== shown;
    window.scrollTo(0, 0);
    (section === "trouble" ? shown : part(`${section}-title`)).focus({ preventScroll: true });
  }
}
