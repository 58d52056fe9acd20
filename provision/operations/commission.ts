import type { BoardClient } from "../board-client.js";
import type { Operation } from "../events.js";
import type { BoardPlace } from "../names/place.js";
import type { Wire } from "../wire.js";
import { own, tellTime } from "./authority.js";
import { awaitBoard } from "./board.js";
import { type Enrolled, type EnrolOptions, enrol } from "./enrol.js";
import type { Flashed } from "./flash.js";
import { prove } from "./prove.js";
import { type FirstReading, firstReading, type ReadingOptions } from "./reading.js";
import { makeReceipt, type Receipt } from "./receipt.js";

/** What is done with a board beside what is always done. Hooks throw OperationError. */
export interface CommissionOptions extends EnrolOptions, ReadingOptions {
  /** Writes the firmware. Left out: the board has it. */
  readonly flash?: ((wire: Wire) => Operation<Flashed>) | undefined;
  /** Of the firmware that is written, in hex. */
  readonly manifestSha256?: string | undefined;
  /** Refuses a board by throwing: before it is given anything where it is not flashed, else before it is registered. `device`: its name in hex. */
  readonly acceptDevice?: ((device: string) => void) | undefined;
  /**
   * Names the board, by its chip's address where it was flashed, and by its name in hex. Undefined
   * or left out: nobody calls it anything.
   */
  readonly nameFor?:
    | ((ids: readonly string[], client: BoardClient) => Promise<BoardPlace | undefined>)
    | undefined;
  /** Gives the board its settings, its name and its clock. Left out: it has them, but for the time. */
  readonly provision?: ((client: BoardClient, place: BoardPlace | undefined) => Operation<void>) | undefined;
  /** Whether its brokers take the board. Left out: nobody asks. */
  readonly brokers?: ((client: BoardClient) => Operation<boolean>) | undefined;
  /**
   * Puts the board into the registry, durably. Nothing is enrolled before a reading has verified.
   * Left out: its receipt is all that there is of it.
   */
  readonly register?: ((enrolled: Enrolled, place: BoardPlace | undefined) => Promise<void>) | undefined;
}

export interface Commissioned {
  readonly receipt: Receipt;
  readonly reading: FirstReading;
  /** False where nobody asked, too. */
  readonly brokersTakeIt: boolean;
}

/**
 * All that makes a board one of a site's: flash and verify, provision, prove who it is, see one
 * reading verified, enrol, receipt. Who brings the hooks decides what of it is done. Throws
 * OperationError; what was done until then can be done again.
 */
export async function* commission(wire: Wire, options: CommissionOptions): Operation<Commissioned> {
  const { site, now, checker, random, owner, ownerKey = owner?.publicKey, provision } = options;
  const flashed = yield* options.flash?.(wire) ?? nothing();
  const step = provision === undefined ? "enrol" : "provision";
  const client = await awaitBoard(wire, step);
  try {
    const { device } = await prove(client, options);
    if (flashed === undefined) options.acceptDevice?.(device);
    const place = await options.nameFor?.([...(flashed === undefined ? [] : [flashed.mac]), device], client);
    if (provision !== undefined) {
      if (place !== undefined) yield { type: "named", ...place };
      yield* provision(client, place);
    }
    const enrolled = yield* enrol(client, options);
    options.acceptDevice?.(enrolled.device);
    if (provision === undefined) await tellTime(client, "reading", now, { checker, random, signer: owner });
    const reading = yield* firstReading(client, enrolled.statement, options);
    const brokersTakeIt = (yield* options.brokers?.(client) ?? nothing()) ?? false;
    await own(client, ownerKey);
    await options.register?.(enrolled, place);
    yield { type: "step", step: "receipt" };
    const { manifestSha256 } = options;
    const mac = flashed?.mac;
    const receipt = makeReceipt({ enrolled, reading, site, place, at: now(), mac, manifestSha256 });
    yield { type: "receipt", receipt };
    return { receipt, reading, brokersTakeIt };
  } finally {
    client.close();
  }
}

async function* nothing(): Operation<undefined> {}
