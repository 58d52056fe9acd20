import { randomBytes } from "node:crypto";
import { hex, kidOfKey } from "../../agent/cose/kid.js";
import { BoardClient } from "../../provision/board-client.js";
import { BoardError } from "../../provision/board-error.js";
import { OperationError } from "../../provision/events.js";
import { Loader, ROM_BAUD, resetBoard } from "../../provision/flash/loader.js";
import type { BatchPort, BoardIds } from "../../provision/operations/batch.js";
import type { Wire } from "../../provision/wire.js";
import { hasher } from "../ports/signer.js";
import { openWire } from "../serial/open-wire.js";

/** Milliseconds between two looks at a port. */
const LOOK = 500;
/** Milliseconds that firmware may take to say who it is, and looks without an answer before the chip is asked, which resets it. */
const ANSWER = 500;
const SILENT_LOOKS = 4;

export type OpenPort = typeof openWire;

/** Who is at a port: the device that its firmware says, or nobody who answers; or the port has ended. */
type Seen = { readonly device: string } | "silent" | "closed";

/**
 * Ports and their boards: one each, or (`more`) one after the other, until `signal`. The next board has come when the port went away and came back, as
 * USB ports do with their boards and servers with theirs; where a port stays, when another device or another chip answers there, or any after nobody
 * did. So it is with each kind of port.
 */
export function boardsOf(
  names: readonly string[],
  more: boolean,
  signal?: AbortSignal,
  open: OpenPort = openWire,
): BatchPort[] {
  return names.map((name) => {
    let isFirst = true;
    return {
      name,
      waits: more,
      async next(last) {
        const wasFirst = isFirst;
        isFirst = false;
        if (!more) return wasFirst ? open(name, "identify") : undefined;
        return nextBoard(() => open(name, "identify"), wasFirst ? undefined : last, wasFirst, signal);
      },
    };
  });
}

async function nextBoard(
  open: () => Promise<Wire>,
  last: BoardIds | undefined,
  isFirst: boolean,
  signal: AbortSignal | undefined,
): Promise<Wire | undefined> {
  for (let isGone = isFirst; signal?.aborted !== true; await pause()) {
    let wire: Wire;
    try {
      wire = await open();
    } catch (error) {
      const code = error instanceof OperationError ? error.code : "";
      const isAway = code === "no-port" || code === "cable-pulled";
      // Who has it for the moment may let it go; a first board's port that cannot be had is told at once.
      if (!isAway && (isFirst || code !== "port-busy")) throw error;
      isGone ||= isAway;
      continue;
    }
    if (isGone || (await isAnother(wire, last, signal))) return wire;
    isGone = true;
    await wire.close();
  }
  return undefined;
}

/** Waits at a port that stayed. True: another board is there; false: the port ended, or the waiting did. */
async function isAnother(
  wire: Wire,
  last: BoardIds | undefined,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let device = last?.device ?? "";
  let wasEmpty = false;
  let silent = 0;
  for (; signal?.aborted !== true; await pause()) {
    const seen = await whoIsAt(wire);
    if (seen === "closed") return false;
    if (seen !== "silent") {
      silent = 0;
      if (wasEmpty || (device !== "" && seen.device !== device)) return true;
      device = seen.device; // of a board that failed before it said who it is
    } else if (++silent >= SILENT_LOOKS && wire.setSignals !== undefined) {
      const mac = await chipAt(wire);
      if (mac === "closed") return false;
      if (mac === undefined) wasEmpty = true;
      else if (wasEmpty || mac !== last?.mac) return true;
      silent = 0;
    } else if (silent >= SILENT_LOOKS) wasEmpty = true;
  }
  return false;
}

async function whoIsAt(wire: Wire): Promise<Seen> {
  const client = new BoardClient(wire, { timeout: ANSWER + (wire.roundTrip ?? 0), tries: 1 });
  try {
    const { publicKey } = await client.identity(Uint8Array.from(randomBytes(32)));
    return { device: hex(kidOfKey(publicKey, hasher)) };
  } catch (error) {
    return error instanceof BoardError && error.code === "closed" ? "closed" : "silent";
  } finally {
    client.close();
  }
}

/** The address of the chip there; undefined where no loader answers. Its firmware restarts. */
async function chipAt(wire: Wire): Promise<string | "closed" | undefined> {
  try {
    const loader = await Loader.open(wire, ROM_BAUD, "identify");
    const { mac } = loader.info;
    await loader.close();
    await resetBoard(wire, "identify");
    return mac;
  } catch (error) {
    return error instanceof OperationError && error.code === "cable-pulled" ? "closed" : undefined;
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, LOOK));
