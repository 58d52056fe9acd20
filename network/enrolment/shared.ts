import { hex } from "../../agent/cose/kid.js";
import { didOfKey } from "../../agent/frame/identity.js";
import type { EnrolledSensor } from "../verify/registry.js";
import type { Entry, Owner } from "./history.js";
import type { Place, RegistryStatement } from "./statement.js";

/**
 * Things of one kind that are known at a time: beyond that they are forgotten, and kept twice at
 * worst. What was displaced must not gather here.
 */
const MOST = 4096;

/** What many devices have the very same of, kept once: a fleet has few owners, sites and kinds. */
export class Shared {
  readonly #owners = new Map<string, Owner>();
  readonly #sites = new Map<string, string>();
  /** By their JSON texts. */
  readonly #kinds = new Map<string, ReadonlyMap<string, EnrolledSensor>>();
  readonly #configurations = new Map<string, readonly string[]>();

  /** What is remembered of a statement; nothing of its document. */
  entryOf(statement: RegistryStatement, id: string, bytes: number): Entry {
    const { kind, date } = statement;
    const newOwner = kind === "move" && statement.newOwner.length > 0 ? statement.newOwner : statement.owner;
    return {
      id,
      bytes,
      kind,
      date,
      owner: this.#ownerOf(newOwner),
      place: kind === "end" ? undefined : this.#placeOf(statement.place),
      sensors: kind === "enrol" ? this.#kindOf(statement.sensors) : undefined,
      configurations: kind === "enrol" ? this.#listOf(statement.configurations) : undefined,
    };
  }

  #ownerOf(key: Uint8Array): Owner {
    return kept(this.#owners, hex(key), () => ({ key: key.slice(), did: didOfKey(key) }));
  }

  #placeOf({ site, ...more }: Place): Place {
    return { site: kept(this.#sites, site, () => site), ...more };
  }

  #kindOf(sensors: readonly EnrolledSensor[]): ReadonlyMap<string, EnrolledSensor> {
    const make = () => new Map(sensors.map((sensor) => [sensor.name, sensor]));
    return kept(this.#kinds, JSON.stringify(sensors), make);
  }

  #listOf(configurations: readonly string[]): readonly string[] {
    return kept(this.#configurations, configurations.join(), () => configurations);
  }
}

function kept<T>(all: Map<string, T>, key: string, make: () => T): T {
  let value = all.get(key);
  if (value === undefined) {
    value = make();
    if (all.size >= MOST) all.clear();
    all.set(key, value);
  }
  return value;
}
