import { type Journal, openJournal, type Resumption, recoveryBound } from "../../../agent/journal/journal.js";
import type { Flash } from "../../../agent/ports/flash.js";
import { PowerCut } from "../../../host-sim/engines/power-cut.js";
import { NorChip, type NorOptions } from "../../../host-sim/virtual-board/flash/nor.js";
import { below, createRandom32, type Random32 } from "../../../host-sim/virtual-board/flash/random.js";
import { hasher } from "../../../node/ports/signer.js";
import { makeFrame, SHORTEST } from "./frames.js";
import { Model, Violation } from "./model.js";

export interface TortureOptions {
  /** Decides what is done. */
  readonly seed: number;
  /** Decides how what is torn is torn. */
  readonly tearSeed?: number;
  readonly sectors?: number;
  readonly sectorBytes?: number;
  readonly frameBytes?: number;
  readonly chip?: Partial<NorOptions>;
  /** Sectors may fail: the most that do. */
  readonly failing?: number;
  /** Every other boot ends before it did anything. */
  readonly restless?: boolean;
  /** What the chip holds at first. */
  readonly image?: Uint8Array;
  /** Breaks the flash, for sabotage. */
  readonly wrap?: (flash: Flash) => Flash;
}

export const KID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
/** As many frames are on their way at a time. */
const WINDOW = 16;

type Mode = "online" | "offline" | "drain" | "newest";
const MODES: readonly Mode[] = ["online", "online", "offline", "drain", "newest"];

/**
 * A board that appends and acknowledges at random on a chip whose power is cut, with a model beside it that knows what must be
 * there. Every method throws Violation where the journal broke a promise, and PowerCut where the power was cut.
 */
export class Torture {
  readonly chip: NorChip;
  readonly model = new Model();
  /** Cuts that came, sectors reported, appends refused because too many losses wait. */
  readonly seen = { cuts: 0, failures: 0, refused: 0, frames: 0 };
  journal: Journal | undefined;
  /** Cuts the power once when the next boot writes to its key-value store. */
  storeCut: "before" | "after" | undefined;
  /** Cuts that the chip had seen when this board got its power. */
  #cuts = 0;
  /** What the key-value store holds. */
  #resumption: Resumption | undefined;
  #boot = 0;
  #sequence = 0;
  #mode: Mode = "online";
  #failing: number;
  #refusal: string | undefined;
  readonly #random: Random32;
  readonly #options: TortureOptions;
  readonly #frameBytes: number;

  constructor(options: TortureOptions) {
    const {
      seed,
      tearSeed = seed,
      sectors = 4,
      sectorBytes = 1024,
      frameBytes = 200,
      chip,
      failing = 0,
    } = options;
    this.#options = options;
    this.#random = createRandom32(seed);
    this.#frameBytes = frameBytes;
    this.#failing = failing;
    this.model.wears = failing > 0;
    const kind = { sectorBytes, random: createRandom32(tearSeed + 1_000_003), preprogram: true, ...chip };
    this.chip =
      options.image === undefined
        ? new NorChip({ size: sectors * sectorBytes, ...kind })
        : NorChip.from(options.image, kind);
  }

  /** Power comes: the journal recovers, and everything is checked. */
  boot(): void {
    this.#boot++; // durable before anything else: the agent's key-value store
    this.#sequence = 0;
    this.journal = undefined;
    this.model.powerLost();
    const chip = this.chip.powerOn();
    this.#cuts = this.chip.cuts;
    const flash = this.#options.wrap?.(chip) ?? chip;
    const journal = this.powered(() =>
      openJournal({
        flash,
        hasher,
        kid: KID,
        frameBytes: this.#frameBytes,
        resumption: this.#resumption,
        handler: {
          sectorFailed: (sector, reason) => this.reported(sector, reason),
          holds: () => 0,
          delivered() {},
        },
      }),
    );
    this.store(journal.resumption);
    this.powered(() => journal.begin());
    this.model.recovered(journal, recoveryBound(flash));
    this.journal = journal;
  }

  /** One thing that an agent may do. */
  step(): void {
    const random = this.#random;
    const journal = this.journal as Journal;
    if (below(random, 24) === 0) this.#mode = MODES[below(random, MODES.length)] as Mode;
    const choice = below(random, 100);
    const acknowledges = { online: 48, offline: 3, drain: 80, newest: 48 }[this.#mode];
    if (choice < acknowledges) this.acknowledge(this.pick(journal));
    else if (choice < 96) this.append(SHORTEST + below(random, this.#frameBytes - SHORTEST + 1));
    else if (choice < 98 && journal.pending > 0) this.model.frame(journal, this.pick(journal));
    else if (choice < 99 && this.#failing > 0) this.fail();
    this.model.audit(journal);
    this.model.tips(journal);
  }

  /** Appends a frame of `length` bytes. */
  append(length: number): void {
    const journal = this.journal as Journal;
    const position = { boot: this.#boot, sequence: this.#sequence++ };
    const frame = makeFrame(journal.next, position, journal.prev.slice(), journal.losses, length);
    this.model.appending(frame);
    try {
      this.powered(() => journal.append(position, frame.bytes, frame.digest));
    } catch (error) {
      if (error instanceof PowerCut || error instanceof Violation) throw error;
      this.model.refused();
      // With many losses of boots that have nothing between them to be joined, it must not forget one for this one.
      const isWorn = this.model.wears && /a sector has failed|no sector/.test(String(error));
      if (journal.losses.length < 4 && !isWorn) throw new Violation(`append threw: ${String(error)}`);
      this.seen.refused++;
      this.#mode = "drain";
      return;
    }
    this.model.appended(frame);
    if (journal.next !== frame.id + 1) throw new Violation(`${journal.next} follows ${frame.id}`);
    this.seen.frames++;
  }

  /** A pending frame that may be on its way. */
  pick(journal: Journal): number {
    if (journal.pending === 0) return journal.next;
    const newest = this.#mode === "newest";
    let id = newest ? journal.atMost(journal.next - 1) : journal.first;
    for (let i = below(this.#random, 2) === 0 ? 0 : below(this.#random, WINDOW); i > 0; i--) {
      const other = newest ? journal.atMost(id - 1) : journal.atLeast(id + 1);
      if (other < 0) break;
      id = other;
    }
    return id;
  }

  acknowledge(id: number): void {
    const journal = this.journal as Journal;
    // What cannot be read is not sent.
    if (journal.has(id)) {
      this.model.frame(journal, id);
      this.model.acknowledging(id);
    }
    this.powered(() => journal.acknowledge(id));
    if (journal.has(id)) throw new Violation(`frame ${id} was acknowledged, and is pending`);
  }

  /** The key-value store writes wholly or not at all. */
  private store(resumption: Resumption): void {
    const place = this.storeCut;
    this.storeCut = undefined;
    if (place === "before") this.chip.powerOff();
    else this.#resumption = resumption;
    if (place === "after") this.chip.powerOff();
    this.powered(() => {});
  }

  /** Worn sectors and power that went may be reported; what the chip refuses because it must not be asked is a fault. */
  private reported(sector: number, reason: string): void {
    if (this.chip.cuts !== this.#cuts) return;
    this.seen.failures++;
    if (/nor: (byte|programming)|address:/.test(reason)) this.#refusal = `sector ${sector}: ${reason}`;
  }

  private fail(): void {
    this.#failing--;
    this.chip.wearOut(below(this.#random, this.chip.size / this.chip.sectorBytes));
  }

  /** What `act` returns. The journal may take a cut for a failed sector, and go on: a board that has no power does not. */
  private powered<T>(act: () => T): T {
    let result: T;
    try {
      result = act();
    } catch (error) {
      if (this.chip.cuts === this.#cuts) throw error;
      throw new PowerCut();
    }
    if (this.chip.cuts !== this.#cuts) throw new PowerCut();
    if (this.#refusal !== undefined) throw new Violation(this.#refusal);
    return result;
  }

  /** Does `act`; false where the power was cut in it. */
  survives(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.seen.cuts++;
      return false;
    }
  }

  /** Boots, and does what the seed says until `frames` are appended; the same on every call with the same seed. */
  script(frames: number): void {
    this.boot();
    while (this.seen.frames < frames) this.step();
  }

  /** Cuts the power `cuts` times, at random. */
  run(cuts: number): void {
    const random = this.#random;
    while (this.seen.cuts < cuts) {
      const inRecovery = below(random, 5) === 0;
      this.plan(inRecovery ? below(random, 6) : 3 + below(random, 30));
      if (below(random, 16) === 0) this.storeCut = below(random, 2) === 0 ? "before" : "after";
      if (!this.survives(() => this.boot())) continue;
      if (this.#options.restless === true && below(random, 2) === 0) {
        this.powerOff();
        continue;
      }
      const steps = 1 + below(random, 40);
      const alive = this.survives(() => {
        for (let i = 0; i < steps; i++) this.step();
      });
      if (alive) this.powerOff();
    }
    this.finish();
  }

  powerOff(): void {
    this.chip.powerOff();
    this.seen.cuts++;
  }

  private plan(operation: number): void {
    const place = below(this.#random, 5);
    this.chip.cutAt(operation, place < 3 ? "inside" : place === 3 ? "before" : "after");
  }

  /** No more cuts: what is owed must come, and all must be acknowledged. */
  finish(): void {
    this.chip.powerOff();
    this.boot();
    const journal = this.journal as Journal;
    for (let i = 0; i < 50; i++) {
      while (journal.pending > 0) this.acknowledge(journal.first);
      if (journal.losses.length === 0) break;
      this.append(this.#frameBytes);
      this.model.audit(journal);
    }
    this.model.settled(journal);
  }
}
