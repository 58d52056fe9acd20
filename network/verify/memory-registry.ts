import { didOfKey } from "../../agent/frame/identity.js";
import type { Enrolled, EnrolledSensor, Registry } from "./registry.js";

/** SEC 1, uncompressed: 4, x, y. */
const POINT = 65;
const COORDINATE = 32;

/** What else is known of a device. */
export interface DeviceTerms {
  /** Made when it is asked for, where it is left out. */
  readonly did?: string | undefined;
  /** How its sensors may be configured; left out: in any way. */
  readonly configurations?: readonly string[] | undefined;
  /** Unix seconds of its enrolment. */
  readonly since?: number | undefined;
}

/**
 * A registry that is made device by device, in few bytes each: the keys lie in one array, and devices of one kind share
 * the description of their sensors.
 */
export class MemoryRegistry implements Registry {
  readonly network: string;
  readonly #points: Uint8Array;
  readonly #devices = new Map<string, Device>();
  /** By their JSON text. */
  readonly #kinds = new Map<string, ReadonlyMap<string, EnrolledSensor>>();
  /** The list that was enrolled last, and its kind: a fleet's devices often have the very same. */
  #last:
    | { readonly sensors: readonly EnrolledSensor[]; readonly kind: ReadonlyMap<string, EnrolledSensor> }
    | undefined;

  /** `most`: devices that there is room for. */
  constructor(network: string, most: number) {
    this.network = network;
    this.#points = new Uint8Array(POINT * most);
  }

  get size(): number {
    return this.#devices.size;
  }

  kids(): Iterable<string> {
    return this.#devices.keys();
  }

  device(kid: string): Enrolled | undefined {
    return this.#devices.get(kid);
  }

  /**
   * Enrols a key that is known to be a point of the curve. `kid`: in hex; `point`: 65 bytes, uncompressed. False where the kid is
   * enrolled already.
   */
  add(
    kid: string,
    point: Uint8Array,
    site: string,
    sensors: readonly EnrolledSensor[],
    terms: DeviceTerms = {},
  ): boolean {
    if (this.#devices.has(kid)) return false;
    const at = POINT * this.#devices.size;
    this.#points.set(point, at);
    this.#devices.set(kid, new Device(this.#points, at, site, this.#kindOf(sensors), terms));
    return true;
  }

  #kindOf(sensors: readonly EnrolledSensor[]): ReadonlyMap<string, EnrolledSensor> {
    if (this.#last?.sensors === sensors) return this.#last.kind;
    const text = JSON.stringify(sensors);
    let kind = this.#kinds.get(text);
    if (kind === undefined) {
      kind = new Map(sensors.map((sensor) => [sensor.name, sensor]));
      this.#kinds.set(text, kind);
    }
    this.#last = { sensors, kind };
    return kind;
  }
}

class Device implements Enrolled {
  readonly #points: Uint8Array;
  readonly #at: number;
  #did: string | undefined;
  readonly configurations: readonly string[] | undefined;
  readonly since: number | undefined;

  constructor(
    points: Uint8Array,
    at: number,
    readonly site: string,
    readonly sensors: ReadonlyMap<string, EnrolledSensor>,
    { did, configurations, since }: DeviceTerms,
  ) {
    this.#points = points;
    this.#at = at;
    this.#did = did;
    this.configurations = configurations;
    this.since = since;
  }

  get publicKey(): Uint8Array {
    return this.#points.subarray(this.#at, this.#at + POINT);
  }

  get did(): string {
    this.#did ??= didOfKey(compressed(this.publicKey));
    return this.#did;
  }
}

/** SEC 1 §2.3.3: x, after a byte that says whether y is odd. */
export function compressed(point: Uint8Array): Uint8Array {
  const key = point.slice(0, 1 + COORDINATE);
  key[0] = 2 + ((point[POINT - 1] as number) & 1);
  return key;
}
