import { base64 } from "@scure/base";
import type { MeasuredQuantity } from "../../agent/provision/host.js";
import type { BoardPlace, Position } from "../names/place.js";
import type { Enrolled } from "./enrol.js";
import type { FirstReading } from "./reading.js";

/** What a technician keeps of a board: that it was flashed, enrolled, and has shown a reading that verifies. JSON. */
export interface Receipt {
  readonly receipt: 1;
  /** The kid in hex: the device's name in topics. */
  readonly device: string;
  readonly did: string;
  readonly kid: string;
  readonly chip: string;
  /** Of the chip's eFuses, in lower-case hex with colons; null where the chip's loader was not asked. */
  readonly mac: string | null;
  readonly model: string;
  /** As the board says it; `manifestSha256` of the bundle that was written, in hex, or null where none was. */
  readonly firmware: {
    readonly name: string;
    readonly version: string;
    readonly manifestSha256: string | null;
  };
  readonly network: string;
  readonly site: string;
  /** What people call the board, and where it is; left out where nobody said. */
  readonly name?: string | undefined;
  readonly position?: Position | undefined;
  readonly sensors: readonly MeasuredQuantity[];
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The first verified reading: a frame, in base64. */
  readonly frame: string;
  /** The board's statement, in base64. */
  readonly statement: string;
  /** The owner's signature over it (enrol.ts), in base64; null where there was no owner's key. */
  readonly countersigned: string | null;
}

export interface ReceiptParts {
  readonly enrolled: Enrolled;
  readonly reading: FirstReading;
  readonly site: string;
  /** Unix time in milliseconds. */
  readonly at: number;
  readonly place?: BoardPlace | undefined;
  readonly mac?: string | undefined;
  readonly manifestSha256?: string | undefined;
}

export function makeReceipt({
  enrolled,
  reading,
  site,
  place,
  at,
  mac,
  manifestSha256,
}: ReceiptParts): Receipt {
  const { statement, statementBytes, device, countersigned } = enrolled;
  return {
    receipt: 1,
    device,
    did: statement.did,
    kid: device,
    chip: statement.chip,
    mac: mac ?? null,
    model: statement.model,
    firmware: {
      name: statement.firmware,
      version: statement.version,
      manifestSha256: manifestSha256 ?? null,
    },
    network: statement.network,
    site,
    ...place,
    sensors: statement.quantities,
    at: new Date(at).toISOString(),
    frame: base64.encode(reading.frame),
    statement: base64.encode(statementBytes),
    countersigned: countersigned === undefined ? null : base64.encode(countersigned),
  };
}
