import type { JudgedReading } from "../../network/witness/judgement.js";
import type { Receipt } from "../operations/receipt.js";
import { button, click, create, element, part } from "./dom.js";
import type { Language } from "./language.js";
import type { Stages } from "./stages.js";

/** Where the browser keeps receipts, in case that the page is closed before they are saved. They hold no secrets. */
const KEPT = "fieldmark.receipts";
/** Milliseconds: as long. */
const KEPT_FOR = 30 * 86_400_000;

/** The section of a board that is ready, and the receipts of all. */
export class Receipts {
  readonly #language: Language;
  readonly #stages: Stages;
  #all: Receipt[] = keptReceipts();

  constructor(language: Language, stages: Stages) {
    this.#language = language;
    this.#stages = stages;
    this.#count();
  }

  /** Resolves when the person goes on to the next board. */
  async show(receipt: Receipt, readings: readonly JudgedReading[], label: string): Promise<void> {
    // A board that was done again has one receipt: the last.
    this.#all = [...this.#all.filter(({ did }) => did !== receipt.did), receipt];
    keep(this.#all);
    this.#count();
    part("readings").replaceChildren(...readings.map((reading) => this.#reading(reading)));
    this.#facts(receipt);
    const picture = element("label", HTMLImageElement);
    picture.src = `data:image/svg+xml,${encodeURIComponent(label)}`;
    picture.alt = this.#language.text("receiptLabel", { kid: receipt.kid, site: receipt.site });
    offer("save-receipt", json(receipt), "application/json", `receipt-${receipt.kid}.json`);
    offer("save-label", label, "image/svg+xml", `label-${receipt.kid}.svg`);
    offer("save-all", json(this.#all), "application/json", `receipts-${receipt.at.slice(0, 10)}.json`);
    part("save-all").hidden = this.#all.length < 2;
    this.#language.say(part("save-all"), "saveAll", { count: this.#all.length });
    this.#stages.at("receipt");
    this.#stages.show("receipt");
    this.#language.say(part("status"), "receiptProof");
    await click(button("next"));
  }

  #reading({ name, unit, value }: JudgedReading): HTMLElement {
    const shown = create("dd", { text: valueText(value, unit, this.#language.tag) });
    return create("div", {}, create("dt", { text: name }), shown);
  }

  /** What the label does not say. */
  #facts({ at, firmware }: Receipt): void {
    const when = new Date(at).toLocaleString(this.#language.tag, { dateStyle: "short", timeStyle: "short" });
    part("facts").textContent = `${firmware.name} ${firmware.version} · ${when}`;
  }

  #count(): void {
    const today = new Date().toDateString();
    const count = this.#all.filter(({ at }) => new Date(at).toDateString() === today).length;
    part("done").hidden = count === 0;
    this.#language.say(part("done"), "boardsDone", { count });
  }
}

/** As people write it: SenML has `Cel`, and a ratio as `/`. */
function valueText(value: number, unit: string, tag: string): string {
  if (unit === "/") return value.toLocaleString(tag, { style: "percent", maximumFractionDigits: 1 });
  return `${value.toLocaleString(tag)} ${unit === "Cel" ? "°C" : unit}`;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Makes a button save this text. */
function offer(id: string, text: string, type: string, name: string): void {
  button(id).onclick = () => {
    const link = create("a");
    link.href = addressOf(text, type);
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  };
}

function addressOf(text: string, type: string): string {
  return URL.createObjectURL(new Blob([text], { type }));
}

function keptReceipts(): Receipt[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    const oldest = Date.now() - KEPT_FOR;
    return Array.isArray(kept) ? (kept as Receipt[]).filter(({ at }) => Date.parse(at) > oldest) : [];
  } catch {
    return [];
  }
}

function keep(receipts: readonly Receipt[]): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(receipts));
  } catch {
    // A browser that keeps nothing, or has no room: they stay until the page is closed.
  }
}
