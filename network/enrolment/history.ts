import type { Absence, EnrolledSensor, FormerSensors } from "../verify/registry.js";
import type { Place } from "./statement.js";

/** An owner; one object for all devices of theirs. */
export interface Owner {
  /** 33 bytes. */
  readonly key: Uint8Array;
  readonly did: string;
}

/** What is remembered of a statement that was entered. */
export interface Entry {
  /** In hex. */
  readonly id: string;
  /** Of its document. */
  readonly bytes: number;
  readonly kind: "enrol" | "end" | "move";
  /** Unix seconds from which on it holds. */
  readonly date: number;
  /** Whose the device is from then on. */
  readonly owner: Owner;
  readonly place: Place | undefined;
  /** Of an `enrol`. */
  readonly sensors: ReadonlyMap<string, EnrolledSensor> | undefined;
  readonly configurations: readonly string[] | undefined;
}

/** Whose a device was, and where, from a date on. */
export interface Tenure {
  /** Unix seconds. */
  readonly from: number;
  /** did:key. */
  readonly owner: string;
  readonly site: string;
}

/** What a device's statements, one after the other, come to. */
export interface Standing {
  readonly owner: Owner;
  readonly place: Place;
  /** Unix seconds of the first. */
  readonly since: number;
  readonly sensors: ReadonlyMap<string, EnrolledSensor>;
  readonly formerly: readonly FormerSensors[] | undefined;
  /** All that it ever was enrolled with: frames from before are judged by them. */
  readonly configurations: readonly string[];
  readonly absences: readonly Absence[] | undefined;
}

/** `first`: an `enrol`. */
export function standingOf(entries: readonly Entry[]): Standing {
  const first = entries[0] as Entry;
  let place = first.place as Place;
  let sensors = first.sensors as Standing["sensors"];
  let configurations = first.configurations as readonly string[];
  const formerly: FormerSensors[] = [];
  const absences: Absence[] = [];
  for (const entry of entries) {
    place = entry.place ?? place;
    const { date } = entry;
    if (entry.kind === "end") absences.push({ from: date, to: Number.POSITIVE_INFINITY });
    if (entry.kind !== "enrol") continue;
    const last = absences.pop();
    if (last !== undefined) absences.push({ ...last, to: Math.min(last.to, date) });
    if (entry.sensors !== undefined && entry.sensors !== sensors) {
      formerly.push({ until: date, sensors });
      sensors = entry.sensors;
    }
    configurations = union(configurations, entry.configurations ?? []);
  }
  return {
    owner: (entries[entries.length - 1] as Entry).owner,
    place,
    since: first.date,
    sensors,
    formerly: formerly.length > 0 ? formerly : undefined,
    configurations,
    absences: absences.length > 0 ? absences : undefined,
  };
}

/** Whose it was, and where, the earliest first. */
export function tenuresOf(entries: readonly Entry[]): Tenure[] {
  const tenures: Tenure[] = [];
  let site = "";
  for (const { date, owner, place } of entries) {
    site = place?.site ?? site;
    const last = tenures[tenures.length - 1];
    if (last?.owner !== owner.did || last.site !== site) tenures.push({ from: date, owner: owner.did, site });
  }
  return tenures;
}

/** The very same list where nothing is added. */
function union(some: readonly string[], more: readonly string[]): readonly string[] {
  const added = more.filter((one) => !some.includes(one));
  return added.length === 0 ? some : [...some, ...added];
}
