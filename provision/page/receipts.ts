import type { JudgedReading } from "../../network/verify/judgement.js";
import { visible } from "../../text/visible.js";
import { positionText } from "../names/place.js";
import type { Receipt } from "../operations/receipt.js";
import { button, click, create, element, part, tell } from "./dom.js";
import type { Filed, FilingTray } from "./filing.js";
import type { Language } from "./language.js";
import type { Stages } from "./stages.js";
import type { TextKey } from "./texts/texts.js";
import { QUANTITIES, valueText } from "./words.js";

/** Where the browser keeps receipts, in case that the page is closed before they are saved. They hold no secrets. */
const KEPT = "fieldmark.receipts";
/** Milliseconds: as long. */
const KEPT_FOR = 30 * 86_400_000;

/** What the section of a board that is ready shows. */
export interface Shown {
  readonly receipt: Receipt;
  readonly readings: readonly JudgedReading[];
  /** SVG. */
  readonly label: string;
  /** did:key. */
  readonly owner: string | undefined;
  /** Its brokers have taken a reading. */
  readonly isTaken: boolean;
}

/** The section of a board that is ready, and the receipts of all. */
export class Receipts {
  readonly #language: Language;
  readonly #stages: Stages;
  readonly #tray: FilingTray;
  #all: Receipt[] = keptReceipts();

  constructor(language: Language, stages: Stages, tray: FilingTray) {
    this.#language = language;
    this.#stages = stages;
    this.#tray = tray;
    this.#count();
  }

  /** Of this browser: those of the last days. */
  get all(): readonly Receipt[] {
    return this.#all;
  }

  /** Keeps a board's receipt, and hands it to the server where that enrols boards of this site. */
  async file(receipt: Receipt, isServed: boolean): Promise<Filed> {
    this.#keep(receipt);
    if (!isServed) return { state: "nowhere" };
    const filed = await this.#tray.file(receipt);
    if (filed.state !== "filed") return filed;
    this.#keep(filed.receipt);
    // The server is there: now it takes what waits, too.
    for (const other of this.#waiting(receipt)) {
      const late = await this.#tray.file(other);
      if (late.state === "filed") this.#keep(late.receipt);
    }
    return filed;
  }

  /** Resolves when the person goes on to the next board. */
  async show(shown: Shown, filed: Filed): Promise<void> {
    const { receipt, readings, label, owner, isTaken } = shown;
    this.#language.say(part("receipt-title"), isTaken ? "receiptTitle" : "receiptUntaken");
    part("untaken").hidden = isTaken;
    part("readings").replaceChildren(...readings.map((reading) => this.#reading(reading)));
    this.#facts(receipt, owner);
    const picture = element("label", HTMLImageElement);
    picture.src = `data:image/svg+xml,${encodeURIComponent(label)}`;
    picture.alt = this.#language.text("receiptLabel", { site: receipt.site });
    offer("save-label", label, "image/svg+xml", `label-${receipt.kid}.svg`);
    this.#offer(receipt, filed);
    button("file-again").onclick = async () => {
      button("file-again").disabled = true;
      this.#offer(receipt, await this.file(receipt, true));
      button("file-again").disabled = false;
    };
    this.#stages.at("receipt");
    this.#stages.show("receipt");
    this.#language.say(part("status"), "receiptProof");
    await click(button("next"));
  }

  /** What became of the receipt, and what there is to save of it. */
  #offer(receipt: Receipt, filed: Filed): void {
    const last = this.#all.find(({ did }) => did === receipt.did) ?? receipt;
    offer("save-receipt", json(last), "application/json", `receipt-${last.kid}.json`);
    offer("save-all", json(this.#all), "application/json", `receipts-${last.at.slice(0, 10)}.json`);
    part("save-all").hidden = this.#all.length < 2;
    this.#language.say(part("save-all"), "saveAll", { count: this.#all.length });
    const waiting = this.#waiting(receipt).length;
    part("filed-waiting").hidden = waiting === 0 || filed.state === "nowhere";
    this.#language.say(part("filed-waiting"), "filedWaiting", { count: waiting });
    part("file-again").hidden = filed.state !== "refused";
    part("filed-more").hidden = filed.state !== "refused";
    tell(part("filed-reason"), filed.state === "refused" ? filed.reason : "");
    const [key, look] = SAID[filed.state === "refused" && filed.isAway ? "away" : filed.state];
    part("filed").className = `state ${look}`;
    const registry = filed.state === "filed" ? filed.registry : "";
    this.#language.say(part("filed"), key, { registry });
  }

  /** Receipts of the same place that the server has not taken yet, besides this. */
  #waiting({ did, network, site }: Receipt): Receipt[] {
    return this.#all.filter(
      (other) =>
        other.did !== did && other.network === network && other.site === site && this.#tray.isWaiting(other),
    );
  }

  #reading({ name, unit, value }: JudgedReading): HTMLElement {
    const term = create("dt", { text: visible(name) });
    const known = Object.hasOwn(QUANTITIES, name) ? QUANTITIES[name] : undefined;
    if (known !== undefined) this.#language.say(term, known);
    const shown = create("dd");
    this.#language.show(shown, () => valueText(value, unit, this.#language.tag));
    return create("div", {}, term, shown);
  }

  /** What it takes to find this board again, in full. */
  #facts(receipt: Receipt, owner: string | undefined): void {
    const { at, chip, mac, device, did, firmware, name, position } = receipt;
    const when = () =>
      new Date(at).toLocaleString(this.#language.tag, { dateStyle: "short", timeStyle: "short" });
    const rows: readonly (readonly [TextKey, string | null | undefined | (() => string)])[] = [
      ["factName", name],
      ["factPosition", position && positionText(position)],
      ["factDevice", device],
      ["factIdentity", did],
      ["factOwner", owner],
      ["factChip", mac === null ? chip : `${chip}, ${mac}`],
      ["factFirmware", `${firmware.name} ${firmware.version}`],
      ["factBundle", firmware.manifestSha256],
      ["factWhen", when],
    ];
    const terms = rows.flatMap(([key, value]) => {
      if (value === null || value === undefined) return [];
      const [term, shown] = [create("dt"), create("dd")];
      this.#language.say(term, key);
      this.#language.show(shown, typeof value === "string" ? () => visible(value) : value);
      return [create("div", {}, term, shown)];
    });
    part("facts").replaceChildren(...terms);
  }

  /** A board that was done again has one receipt: the last. */
  #keep(receipt: Receipt): void {
    this.#all = [...this.#all.filter(({ did }) => did !== receipt.did), receipt];
    keep(this.#all);
    this.#count();
  }

  #count(): void {
    const today = new Date().toDateString();
    const count = this.#all.filter(({ at }) => new Date(at).toDateString() === today).length;
    part("done").hidden = count === 0;
    this.#language.say(part("done"), "boardsDone", { count });
  }
}

const SAID: Readonly<Record<Filed["state"] | "away", readonly [TextKey, "" | "good" | "bad"]>> = {
  filed: ["filedIn", "good"],
  refused: ["filedRefused", "bad"],
  away: ["filedAway", "bad"],
  nowhere: ["filedNowhere", ""],
};

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
