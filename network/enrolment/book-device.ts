import { didOfKey } from "../../agent/frame/identity.js";
import { compressed } from "../verify/memory-registry.js";
import type { Enrolled } from "../verify/registry.js";
import { type Entry, type Standing, standingOf, type Tenure, tenuresOf } from "./history.js";
import type { Points } from "./points.js";
import type { Place } from "./statement.js";

/**
 * A device with all that owners said about it. One object for good: who holds it sees what changes.
 */
export class BookDevice implements Enrolled {
  readonly #points: Points;
  readonly #at: number;
  #did: string | undefined;
  #entries: readonly Entry[];
  #standing: Standing;
  /** So many of its statements, the first ones, are not displaced any more. */
  settled = 0;

  /** `at`: its key in `points`. */
  constructor(points: Points, at: number, first: Entry) {
    this.#points = points;
    this.#at = at;
    this.#entries = [first];
    this.#standing = standingOf(this.#entries);
  }

  /** Its statements in their order; the first is an `enrol`. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** `entry` stands there from now on, and nothing behind it. */
  put(index: number, entry: Entry): void {
    this.#entries = [...this.#entries.slice(0, index), entry];
    this.#standing = standingOf(this.#entries);
  }

  /** Another key has this kid now. */
  replace(point: Uint8Array, first: Entry): void {
    this.#points.set(this.#at, point);
    this.#did = undefined;
    this.put(0, first);
  }

  get publicKey(): Uint8Array {
    return this.#points.at(this.#at);
  }

  get did(): string {
    this.#did ??= didOfKey(compressed(this.publicKey));
    return this.#did;
  }

  /** Whose it is now: did:key. */
  get owner(): string {
    return this.#standing.owner.did;
  }

  get place(): Place {
    return this.#standing.place;
  }

  get site(): string {
    return this.#standing.place.site;
  }

  get since(): number {
    return this.#standing.since;
  }

  get sensors(): Standing["sensors"] {
    return this.#standing.sensors;
  }

  get formerly(): Standing["formerly"] {
    return this.#standing.formerly;
  }

  get configurations(): readonly string[] {
    return this.#standing.configurations;
  }

  get absences(): Standing["absences"] {
    return this.#standing.absences;
  }

  /** Whose it was, and where, the earliest first. */
  get tenures(): readonly Tenure[] {
    return tenuresOf(this.#entries);
  }
}
