import type { DroppedRange, Position } from "../../agent/frame/chain.js";
import { isDeclared, missingOf } from "./declared.js";
import type { PositionRanges } from "./position-ranges.js";
import type { BoardStatus } from "./status.js";

/** Ranges of declared losses that are remembered of one gap; more are not. */
const LOSSES = 64;

/** What became of frames that never came, as far as it is known. */
export type Fate =
  /** The board says that none of its frames from then waits for a broker, and no loss is undeclared. */
  | { readonly type: "lost" }
  /** The board says that frames from then wait still, maybe these: `queue` in all. */
  | { readonly type: "queued"; readonly queue: number }
  /** A signed frame declares them. */
  | { readonly type: "left-out"; readonly by: Position };

/** Frames between two of a device never came, though no loss was declared. */
export interface Missing {
  readonly before: Position;
  readonly after: Position;
  /** Those that are not declared until now; empty where the boots differ, since nobody knows how many they are. */
  readonly ranges: readonly DroppedRange[];
  readonly fate: Fate;
}

export interface Ends {
  readonly before: Position;
  /** `uptime`: the board's when it signed that frame. What is missing was signed earlier. */
  readonly after: Position & { readonly uptime: number };
}

/** Finds out what became of the frames that are missing in one gap. */
export class Inquiry {
  readonly #losses: PositionRanges;
  #fate: Fate["type"] | undefined;
  /** When the board first said that it has them no longer. */
  #goneSince: number | undefined;
  readonly #isSkipped: boolean;

  /** `isSkipped`: the frame behind the gap follows the one before it. None was signed between them, only numbers were passed over. */
  constructor({ before, after }: Ends, losses: PositionRanges, isSkipped: boolean) {
    this.#losses = losses.within(before, after, LOSSES);
    this.#isSkipped = isSkipped;
  }

  /** What it takes beside itself. */
  get bytes(): number {
    return this.#losses.bytes;
  }

  /** What the board said may be news when there was time for what it handed on. */
  get isOpen(): boolean {
    return (
      !this.#isSkipped && this.#goneSince !== undefined && this.#fate !== "lost" && this.#fate !== "left-out"
    );
  }

  /** What is known until now. */
  get fate(): Fate["type"] | undefined {
    return this.#fate;
  }

  /** For a part of the gap, when a frame came between. */
  copy(ends: Ends): Inquiry {
    const copy = new Inquiry(ends, this.#losses, false);
    copy.#fate = this.#fate;
    copy.#goneSince = this.#goneSince;
    return copy;
  }

  /** A signed frame, `by`, declares losses. News where that explains all that is missing. */
  declare({ before, after }: Ends, losses: readonly DroppedRange[], by: Position): Missing | undefined {
    if (this.#fate === "left-out") return undefined;
    const concerned = losses.filter((range) => isBetween(range, before, after));
    if (concerned.length === 0) return undefined;
    const known = this.#losses.copy();
    for (const range of concerned) {
      this.#losses.add(range);
      if (this.#losses.size > LOSSES) this.#losses.removeLast();
    }
    if (!isDeclared(this.#losses, before, after)) return undefined;
    this.#fate = "left-out";
    return { before, after, ranges: missingOf(known, before, after), fate: { type: "left-out", by } };
  }

  /** What the board says, `now`. */
  hear({ after }: Ends, status: BoardStatus, now: number): void {
    if (isLater(status, after) && status.dropped === 0 && !mayHave(status, after)) this.#goneSince ??= now;
  }

  /** News of what the board says, its last `status`. What it has handed on must have been said until `given`. */
  look({ before, after }: Ends, status: BoardStatus, given: number): Missing | undefined {
    if (this.#isSkipped || this.#fate === "left-out" || this.#fate === "lost") return undefined;
    if (this.#goneSince !== undefined) {
      if (this.#goneSince > given) return undefined;
      return this.#tell({ before, after }, { type: "lost" });
    }
    if (this.#fate === "queued" || !isLater(status, after) || !mayHave(status, after)) return undefined;
    return this.#tell({ before, after }, { type: "queued", queue: status.queue });
  }

  #tell({ before, after }: Ends, fate: Fate): Missing {
    this.#fate = fate.type;
    return { before, after, ranges: missingOf(this.#losses, before, after), fate };
  }
}

/** Whether a range has something between two positions; of their boots, where those differ, or of one between. */
function isBetween({ boot, first, last }: DroppedRange, before: Position, after: Position): boolean {
  const isFrom = boot > before.boot || (boot === before.boot && last > before.sequence);
  return isFrom && (boot < after.boot || (boot === after.boot && first < after.sequence));
}

/** Whether the board said it after it had signed that frame. In the same second it may have been before. */
function isLater(status: BoardStatus, after: Ends["after"]): boolean {
  return status.boot > after.boot || (status.boot === after.boot && status.uptime > after.uptime);
}

/** Whether frames that are older than that one may be among those that wait on the board. */
function mayHave({ boot, uptime, queue, oldest }: BoardStatus, after: Ends["after"]): boolean {
  if (queue === 0) return false;
  // Of an earlier boot's frame, `oldest` is the uptime at least (agent/status.ts).
  return boot === after.boot ? uptime - oldest <= after.uptime : oldest >= uptime;
}
