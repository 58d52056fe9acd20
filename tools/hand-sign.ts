import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { CborError } from "../agent/cbor/error.js";
import { kidOfKey } from "../agent/cose/kid.js";
import { CLOCK_SET, CLOCK_UNSET } from "../agent/frame/chain.js";
import { MAX_FRAME_BYTES, PREV_BYTES } from "../agent/frame/layout.js";
import { type FrameHeader, FrameWriter } from "../agent/frame/write.js";
import { InputError } from "../agent/input-error.js";
import type { Signer } from "../agent/ports/signer.js";
import { sensorConfiguration } from "../agent/settings/sensor-configuration.js";
import { replaceFile } from "../node/files.js";
import { acquireLock } from "../node/lock.js";
import { hasher } from "../node/ports/signer.js";
import { readTextFile } from "../node/text-file.js";
import { type DatedPack, readSenmlJson } from "./senml-json.js";

/** What was signed last with a key, so that no boot and sequence is signed twice with different bytes. */
const State = z.strictObject({
  boot: z.int().positive(),
  sequence: z.int().nonnegative(),
  prev: z.hex().length(2 * PREV_BYTES),
  /** SHA-256 of what was signed: the same again is the same frame again. */
  input: z.hex(),
  /** First 16 bytes of SHA-256 of the frame: the `prev` of the next. */
  hash: z.hex().length(2 * PREV_BYTES),
  /** What the frame said of the seconds since its boot, and the Unix time of that, where a frame of it had a date. Earlier versions wrote neither. */
  uptime: z.int().nonnegative().optional(),
  start: z.int().optional(),
});
type State = z.infer<typeof State>;

/** What a key that signs by hand says of its sensors: there are none that anybody has configured. */
const BY_HAND = sensorConfiguration([], hasher);

export interface HandSigned {
  readonly frame: Uint8Array;
  readonly boot: number;
  readonly sequence: number;
}

/** The file beside a key file that counts what the key signed. */
export function statePath(keyFile: string): string {
  return `${keyFile}.state.json`;
}

/** Milliseconds between two tries, at least and at most: those who wait together must not try together. */
const RETRY = { min: 5, max: 25 };

/**
 * Makes this process the only one that signs with the state at `path`; returns what gives it back. Waits for
 * another at most `limit` milliseconds, then throws InputError that names it.
 */
export async function lockState(path: string, limit: number): Promise<() => void> {
  for (const end = performance.now() + limit; ; ) {
    try {
      return acquireLock(path);
    } catch (error) {
      if (!(error instanceof InputError) || performance.now() >= end) throw error;
    }
    await sleep(RETRY.min + Math.random() * (RETRY.max - RETRY.min));
  }
}

/**
 * Signs a SenML pack (JSON text) as the next frame of a key's chain. The same pack again gives the same bytes
 * again. The state file at `path` is made durable before the frame is returned; the caller holds it (`lockState`).
 * Throws InputError.
 */
export function signByHand(signer: Signer, network: string, senml: string, path: string): HandSigned {
  const { time, readings } = readSenmlJson(senml);
  const input = createHash("sha256").update(`${network}\n${senml}`).digest("hex");
  const last = loadState(path);
  const next = last?.input === input ? last : follow(last, input, time);
  const frame = makeFrame(signer, network, { time, readings }, next);
  const hash = createHash("sha256")
    .update(frame)
    .digest("hex")
    .slice(0, 2 * PREV_BYTES);
  const state: State = { ...next, hash };
  replaceFile(path, Buffer.from(`${JSON.stringify(state)}\n`));
  return { frame, boot: next.boot, sequence: next.sequence };
}

function makeFrame(
  signer: Signer,
  network: string,
  { time, readings }: DatedPack,
  { boot, sequence, prev, uptime = 0 }: Omit<State, "hash">,
): Uint8Array {
  const writer = new FrameWriter(network, kidOfKey(signer.publicKey, signer), MAX_FRAME_BYTES);
  const header: FrameHeader = {
    boot,
    sequence,
    prev: Buffer.from(prev, "hex"),
    uptime,
    clock: time === undefined ? CLOCK_UNSET : CLOCK_SET,
    time: time ?? 0,
    configuration: BY_HAND,
    dropped: [],
  };
  try {
    writer.begin(header, readings.length);
    for (const { name, unit, mantissa, exponent, age } of readings)
      writer.reading(name, unit, mantissa, exponent, age);
    return writer.finish(signer);
  } catch (error) {
    if (!(error instanceof CborError) || error.code !== "buffer-full") throw error;
    throw new InputError(`the pack does not fit into a frame of ${MAX_FRAME_BYTES} bytes: sign it in parts`);
  }
}

/** Within a boot time goes on (docs/protocol.md): a pack that is older than the last one begins another. */
function follow(last: State | undefined, input: string, time: number | undefined): Omit<State, "hash"> {
  if (last === undefined) return begin(1, "00".repeat(PREV_BYTES), input, time);
  const { uptime } = last;
  const start = last.start ?? (time === undefined || uptime === undefined ? undefined : time - uptime);
  const now = time === undefined || start === undefined ? uptime : time - start;
  if (uptime === undefined || now === undefined || now < uptime)
    return begin(last.boot + 1, last.hash, input, time);
  return {
    boot: last.boot,
    sequence: last.sequence + 1,
    prev: last.hash,
    input,
    uptime: now,
    ...(start !== undefined && { start }),
  };
}

function begin(boot: number, prev: string, input: string, time: number | undefined): Omit<State, "hash"> {
  return { boot, sequence: 0, prev, input, uptime: 0, ...(time !== undefined && { start: time }) };
}

function loadState(path: string): State | undefined {
  let text: string;
  try {
    text = readTextFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return State.parse(JSON.parse(text));
  } catch {
    throw new InputError(
      `${path} is damaged. Without it the key could sign twice for one number: make a new key`,
    );
  }
}
