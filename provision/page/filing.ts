import type { Receipt } from "../operations/receipt.js";
import { NotFiled, type ServedDesk } from "./served-desk.js";

/** Where the browser keeps which receipts the server has not taken yet: their did:key. */
const KEPT = "fieldmark.waiting";

/** What became of a board's receipt. */
export type Filed =
  | { readonly state: "filed"; readonly registry: string; readonly receipt: Receipt }
  /** `code`: undefined where the server is away. */
  | { readonly state: "refused"; readonly isAway: boolean; readonly reason: string }
  /** Nobody enrols here: the receipt goes to whoever does. */
  | { readonly state: "nowhere" };

/** Hands receipts to the server that enrols boards. What it could not take waits for the next time, also over a reload of the page. */
export class FilingTray {
  readonly #desk: ServedDesk;
  #waiting: ReadonlySet<string> = new Set(kept());

  constructor(desk: ServedDesk) {
    this.#desk = desk;
  }

  isWaiting({ did }: Receipt): boolean {
    return this.#waiting.has(did);
  }

  async file(receipt: Receipt): Promise<Filed> {
    if ((await this.#desk.info) === undefined) return { state: "nowhere" };
    try {
      const { registry, receipt: filed } = await this.#desk.file(receipt);
      this.#note(receipt, false);
      return { state: "filed", registry, receipt: filed };
    } catch (error) {
      if (!(error instanceof NotFiled)) throw error;
      this.#note(receipt, true);
      return { state: "refused", isAway: error.code === undefined, reason: error.message };
    }
  }

  #note({ did }: Receipt, isWaiting: boolean): void {
    const others = [...this.#waiting].filter((other) => other !== did);
    this.#waiting = new Set(isWaiting ? [...others, did] : others);
    try {
      localStorage.setItem(KEPT, JSON.stringify([...this.#waiting]));
    } catch {
      // A browser that keeps nothing, or has no room: they wait until the page is closed.
    }
  }
}

function kept(): string[] {
  try {
    const dids: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(dids) ? dids.map(String) : [];
  } catch {
    return [];
  }
}
