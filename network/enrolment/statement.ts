import type { EnrolledSensor } from "../verify/registry.js";

/**
 * What owners sign about their devices: docs/protocol.md, *Statements of owners*. Each is a
 * COSE_Sign1 (agent/cose/sign1.ts) of this content type.
 */
export const REGISTRY_TYPE = "application/vnd.fieldmark.registry+cbor";
/** The same of the new owner over a whole `move`: that it is accepted. */
export const ACCEPTANCE_TYPE = "application/vnd.fieldmark.acceptance+cbor";

export const KEY_BYTES = 33;
/** No longer one is read, or written. */
export const MAX_STATEMENT_BYTES = 65_536;
export const MAX_SENSORS = 256;
export const MAX_CONFIGURATIONS = 64;
/** UTF-16 units of a site and of a name. */
export const MAX_PLACE_TEXT = 200;

/** Where a device is, and what people call it. */
export interface Place {
  readonly site: string;
  readonly name?: string | undefined;
  /** Degrees of WGS 84, and metres above the sea. */
  readonly position?:
    | { readonly lat: number; readonly lon: number; readonly alt?: number | undefined }
    | undefined;
}

/** What all statements say. */
interface Said {
  readonly network: string;
  /** The device's key and that of the owner who signs: 33 bytes each, compressed. */
  readonly device: Uint8Array;
  readonly owner: Uint8Array;
  /** The statement about this device that it follows, by its id (32 bytes); empty: none. */
  readonly previous: Uint8Array;
  /** Unix seconds from which on it holds: later than that of the one before. */
  readonly date: number;
}

/** A device is the owner's, and these are its sensors; after the first one: they are others now. */
export interface EnrolStatement extends Said {
  readonly kind: "enrol";
  readonly place: Place;
  /** The device's own statement (agent/provision/statement.ts), over owners-challenge.ts. */
  readonly proof: Uint8Array;
  readonly sensors: readonly EnrolledSensor[];
  /** How they may be configured: 8 bytes each, in hex, in rising order. */
  readonly configurations: readonly string[];
}

/** What the device dates from then on counts no more. */
export interface EndStatement extends Said {
  readonly kind: "end";
}

/** The device is at another place, or another owner's, or both. */
export interface MoveStatement extends Said {
  readonly kind: "move";
  readonly place: Place;
  /** 33 bytes, whose key must accept it; empty: the owner stays. */
  readonly newOwner: Uint8Array;
}

export type RegistryStatement = EnrolStatement | EndStatement | MoveStatement;
