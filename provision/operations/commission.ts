import type { Bundle } from "../bundle/bundle.js";
import type { Operation } from "../events.js";
import type { BoardPlace } from "../names/place.js";
import type { Wire } from "../wire.js";
import { own } from "./authority.js";
import { awaitBoard } from "./board.js";
import { type BrokerPatience, checkBrokers } from "./brokers.js";
import { type Enrolled, type EnrolOptions, enrol } from "./enrol.js";
import { type FlashOptions, flash } from "./flash.js";
import { prove } from "./prove.js";
import { type Provisioning, provision } from "./provision.js";
import { firstReading, type ReadingOptions } from "./reading.js";
import { makeReceipt, type Receipt } from "./receipt.js";

export interface CommissionOptions extends FlashOptions, Omit<EnrolOptions, "network">, ReadingOptions {
  /** Left out: the board has its firmware. */
  readonly bundle?: Bundle;
  readonly provisioning: Provisioning;
  /** Left out: nobody asks whether brokers take the board. */
  readonly brokers?: BrokerPatience;
  /** Refuses a board by throwing: before it is given anything where it is not flashed, else before it is registered. `device`: its name in hex. */
  readonly acceptDevice?: (device: string) => void;
  /** Names the board, by its chip's address where it was flashed, and by its name in hex. Left out: it keeps the name that it has. */
  readonly nameFor?: (ids: readonly string[]) => Promise<BoardPlace>;
  /** Puts the board into the registry, durably; throws OperationError where it cannot. Nothing is enrolled before a reading has verified. */
  readonly register: (enrolled: Enrolled, place: BoardPlace | undefined) => Promise<void>;
}

/**
 * All of it: flash and verify, provision, prove who it is, see one reading verified, enrol, receipt. Throws OperationError; what
 * was done until then can be done again.
 */
export async function* commission(wire: Wire, options: CommissionOptions): Operation<Receipt> {
  const { bundle, site, now } = options;
  const flashed = bundle && (yield* flash(wire, bundle, options));
  const client = await awaitBoard(wire, "provision");
  try {
    const { device } = await prove(client, options);
    if (flashed === undefined) options.acceptDevice?.(device);
    const place = await options.nameFor?.([...(flashed === undefined ? [] : [flashed.mac]), device]);
    if (place !== undefined) yield { type: "named", ...place };
    yield* provision(client, { ...options.provisioning, ...(place !== undefined && { name: place.name }) });
    const enrolled = yield* enrol(client, options);
    options.acceptDevice?.(enrolled.device);
    const reading = yield* firstReading(client, enrolled.statement, options);
    if (options.brokers !== undefined) yield* checkBrokers(client, { ...options.brokers, offline: "fails" });
    await own(client, options.owner?.publicKey ?? options.ownerKey);
    await options.register(enrolled, place);
    yield { type: "step", step: "receipt" };
    const manifestSha256 = bundle?.manifestSha256;
    const receipt = makeReceipt({
      enrolled,
      reading,
      site,
      place,
      at: now(),
      mac: flashed?.mac,
      manifestSha256,
    });
    yield { type: "receipt", receipt };
    return receipt;
  } finally {
    client.close();
  }
}
