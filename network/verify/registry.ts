import { z } from "zod";
import { hex, kidOfKey } from "../../agent/cose/kid.js";
import { keyOfDid } from "../../agent/frame/identity.js";
import { isNetworkName, isSenmlName } from "../../agent/frame/name.js";
import { isSenmlUnit } from "../../agent/frame/units.js";
import { InputError } from "../../agent/input-error.js";
import { visible } from "../../text/visible.js";
import { issueText } from "../../text/zod-issue.js";
import type { KeyReader } from "../ports/keys.js";
import { MemoryRegistry } from "./memory-registry.js";
import { Position } from "./position.js";

const Sensor = z
  .strictObject({
    /** SenML name of the readings. */
    name: z.string().refine(isSenmlName, "not a SenML name"),
    unit: z.string().refine(isSenmlUnit, "not in the SenML units registry"),
    /** The values that are believed, both included, in `unit`. */
    min: z.number(),
    max: z.number(),
    /** Seconds from one reading to the next. */
    cadence: z.number().positive(),
  })
  .refine(({ min, max }) => min <= max, "min is above max");

export const Sensors = z
  .array(Sensor)
  .min(1)
  .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, "the same name twice");

/** Of sensors: agent/settings/sensor-configuration.ts. */
const Configuration = z.string().regex(/^[0-9a-f]{16}$/, "not 8 bytes in hex");

const Device = z.strictObject({
  did: z.string(),
  site: z.string(),
  /** When it was enrolled, in UTC: a frame that is dated more than a day before is not believed. */
  enrolled: z.iso.datetime().optional(),
  /** What people call it, and where it is. */
  name: z.string().min(1).max(200).optional(),
  position: Position.optional(),
  sensors: Sensors,
  /** How they may be configured; left out: nobody looks. */
  configurations: z.array(Configuration).min(1).optional(),
});

const RegistryFile = z.strictObject({
  network: z.string().refine(isNetworkName, "not a network name"),
  devices: z.array(Device),
});

export type RegistryFile = z.infer<typeof RegistryFile>;
export type EnrolledDevice = z.infer<typeof Device>;
export type EnrolledSensor = z.infer<typeof Sensor>;

/** Unix seconds from `from` on, and before `to`, in which a device's frames do not count. */
export interface Absence {
  readonly from: number;
  /** Infinity: it did not come back. */
  readonly to: number;
}

/** How a device's sensors were enrolled for what is dated before `until`, Unix seconds. */
export interface FormerSensors {
  readonly until: number;
  readonly sensors: ReadonlyMap<string, EnrolledSensor>;
}

/** A device as the judge needs it. */
export interface Enrolled {
  readonly did: string;
  readonly site: string;
  /** Unix seconds at which it was enrolled, where that is known. */
  readonly since?: number | undefined;
  /** 65 bytes, SEC 1: uncompressed, so that no square root is taken for each signature. */
  readonly publicKey: Uint8Array;
  readonly sensors: ReadonlyMap<string, EnrolledSensor>;
  /** What they were before, the earliest first. */
  readonly formerly?: readonly FormerSensors[] | undefined;
  /** How they may be configured, in hex; undefined: in any way. */
  readonly configurations: readonly string[] | undefined;
  /** When the device was ended, in order. */
  readonly absences?: readonly Absence[] | undefined;
}

/** Whether a device was ended and is not enrolled again: nothing is expected of it. */
export const isEnded = ({ absences = [] }: Enrolled): boolean =>
  absences[absences.length - 1]?.to === Number.POSITIVE_INFINITY;

/** May change while it is in use (network/enrolment/book.ts); who has it is told that by `enrol`. */
export interface Registry {
  readonly network: string;
  readonly size: number;
  /** Of all devices, in hex; also of those that were ended. */
  kids(): Iterable<string>;
  /** By the hex of a kid. */
  device(kid: string): Enrolled | undefined;
}

/**
 * `source` names the registry in errors. Throws InputError that says which entry is wrong, and how.
 */
export function createRegistry(json: unknown, keys: KeyReader, source: string): Registry {
  const parsed = RegistryFile.safeParse(json);
  if (!parsed.success) throw new InputError(`${source}: ${issueText(parsed.error)}`);
  const { network, devices } = parsed.data;
  const registry = new MemoryRegistry(network, devices.length);
  for (const [index, { did, site, enrolled, sensors, configurations }] of devices.entries()) {
    const where = `${source}: devices.${index}.did`;
    const key = compressedKey(did, where);
    const publicKey = keys.uncompressed(key);
    if (publicKey === undefined) throw new InputError(`${where}: its key is not a point of secp256k1`);
    const since = enrolled === undefined ? undefined : Date.parse(enrolled) / 1000;
    const terms = { did, configurations, since };
    if (!registry.add(hex(kidOfKey(key, keys)), publicKey, site, sensors, terms))
      throw new InputError(`${where}: enrolled twice`);
  }
  return registry;
}

function compressedKey(did: string, where: string): Uint8Array {
  try {
    return keyOfDid(did);
  } catch (error) {
    throw new InputError(`${where}: ${visible((error as Error).message)}`);
  }
}
