import { statfsSync } from "node:fs";
import type { FrameStore } from "../../network/ports/frame-store.js";
import type { WitnessStore } from "../../network/ports/witness-store.js";
import type { Registry } from "../../network/verify/registry.js";
import type { Verifier } from "../../network/verify/verifier.js";

/** Milliseconds from one look at the disk to the next, and from a failure to the next try. */
const LOOK = 5000;
/** ENOSPC and EDQUOT, as Node and as the C library have them. */
const FULL = /ENOSPC|EDQUOT|no space left|quota exceeded/i;

export interface IntakeParts {
  /** On the disk that is looked at. */
  readonly folder: string;
  /** Bytes of it that stay free. */
  readonly reserve: number;
  readonly store: WitnessStore & { recover(): void };
  /** Opens what brings frames into the store; `failed` is told at most once of each. */
  readonly open: (store: FrameStore, failed: (error: Error) => void) => Verifier;
  readonly changed: (state: IntakeState) => void;
}

export interface IntakeState {
  readonly state: "running" | "full" | "failed";
  readonly reason?: string;
}

/**
 * Takes frames in for as long as they can be kept. Where the disk is nearly full, or the store fails,
 * brokers hear nothing: frames stay with them. Then it is tried again, until it works.
 */
export class Intake {
  readonly #parts: IntakeParts;
  #verifier: Verifier | undefined;
  #state: IntakeState = { state: "running" };
  #isBusy = false;
  #registry: Registry | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK);
  }

  get verifier(): Verifier | undefined {
    return this.#verifier;
  }

  get state(): IntakeState {
    return this.#state;
  }

  enrol(registry: Registry): void {
    this.#registry = registry;
    this.#verifier?.enrol(registry);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#stop();
  }

  #look(): void {
    if (this.#isBusy) return;
    const free = freeBytes(this.#parts.folder);
    const isFull = free !== undefined && free < this.#parts.reserve;
    if (isFull && this.#verifier !== undefined) void this.#halt({ state: "full", reason: fullText(free) });
    else if (isFull) this.#tell({ state: "full", reason: fullText(free) });
    else if (this.#verifier === undefined) this.#start();
  }

  #start(): void {
    const { store } = this.#parts;
    store.recover();
    const kept: FrameStore = {
      append: (bytes, frame, arrival) => store.append(bytes, frame, arrival),
      durable: () => store.durable?.(),
      judged: (judgement) => store.judged?.(judgement),
      undecided: () => store.undecided?.() ?? [],
      recall: (kid) => store.recall?.(kid) ?? [],
      at: (frame) => store.at?.(frame),
      replay: (replay) => store.replay(replay),
      sync: () => store.sync(),
      close() {}, // it is read while nothing comes in
    };
    try {
      this.#verifier = this.#parts.open(kept, (error) => void this.#halt(this.#stateOf(error)));
    } catch (error) {
      this.#tell(this.#stateOf(error as Error));
      return;
    }
    if (this.#registry !== undefined) this.#verifier.enrol(this.#registry);
    this.#tell({ state: "running" });
  }

  /** What failed may be the first to notice that the disk is full; databases then speak of input and output. */
  #stateOf({ message }: Error): IntakeState {
    const { folder, reserve } = this.#parts;
    const isFull = FULL.test(message) || (freeBytes(folder) ?? Number.POSITIVE_INFINITY) < reserve;
    return { state: isFull ? "full" : "failed", reason: message };
  }

  async #halt(state: IntakeState): Promise<void> {
    this.#tell(state);
    await this.#stop();
  }

  async #stop(): Promise<void> {
    const verifier = this.#verifier;
    if (verifier === undefined) return;
    this.#isBusy = true;
    this.#verifier = undefined;
    try {
      await verifier.close(false);
    } finally {
      this.#isBusy = false;
    }
  }

  #tell(state: IntakeState): void {
    if (state.state === this.#state.state && state.reason === this.#state.reason) return;
    const isNews = state.state !== this.#state.state;
    this.#state = state;
    if (isNews) this.#parts.changed(state);
  }
}

const fullText = (free: number) => `the disk has ${Math.floor(free / 1e6)} MB left`;

/** Undefined where the file system does not say. */
function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
