import type { Position } from "./frame/chain.js";
import type { Clock } from "./ports/clock.js";
import type { Flash } from "./ports/flash.js";
import type { KeyValue } from "./ports/key-value.js";
import type { Link } from "./ports/link.js";
import type { Random } from "./ports/random.js";
import type { SignatureChecker, Signer } from "./ports/signer.js";
import type { ReceiptsMaker } from "./receipt/receipts.js";
import type { SensorConfig } from "./sampler.js";

/** All that a host supplies. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly signer: Signer;
  /** What reads receipts, and what checks their signatures: needed where frames stay for witnesses. */
  readonly receipts?: ReceiptsMaker | undefined;
  readonly checker?: SignatureChecker | undefined;
  readonly store: KeyValue;
  /** The journal's ground: at least three sectors. */
  readonly flash: Flash;
  readonly links: readonly Link[];
  readonly sensors: readonly SensorConfig[];
  /** What else the status message says, for instance why the board was reset: members of a JSON object, in ASCII. */
  readonly about?: object | undefined;
  /** Told of what happens. Must not throw. */
  readonly observe: (event: AgentEvent) => void;
  /** Told each time that a broker of `links` acknowledges a frame. Must not throw. */
  readonly taken?: () => void;
}

export type AgentEvent =
  | {
      readonly type: "recovered";
      /** Frames of earlier boots that wait. */
      readonly pending: number;
      /** Bytes of the journal that were read for that. */
      readonly read: number;
    }
  | {
      readonly type: "signed";
      readonly position: Position;
      readonly bytes: number;
      readonly readings: number;
    }
  | { readonly type: "acknowledged"; readonly position: Position }
  | { readonly type: "sensor-failed"; readonly sensor: number; readonly reason: string }
  /** A frame was signed and could not be kept. */
  | { readonly type: "storage-failed"; readonly reason: string }
  /** A sector of the journal failed; it is passed over. */
  | { readonly type: "sector-failed"; readonly sector: number; readonly reason: string }
  | { readonly type: "link-opened"; readonly link: string }
  | {
      readonly type: "link-closed";
      readonly link: string;
      readonly reason: string;
      readonly wasOpen: boolean;
    };
