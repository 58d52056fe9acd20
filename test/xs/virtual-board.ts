import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { createSigner } from "../../host-sim/ports/signer.js";
import type { XsBoardConfig } from "../../host-sim/xs/board.js";
import { FromBoard, ToBoard } from "../../host-sim/xs/messages.js";

/** One message to a board, at an uptime in milliseconds. */
export interface Message {
  readonly uptime: number;
  readonly kind: number;
  readonly id: number;
  readonly bytes?: Uint8Array;
}

export const NETWORK = "demo";

/** Two brokers, four sensors of one quantity each, every 10 s. */
export const AGENT: XsBoardConfig = {
  agent: {
    network: NETWORK,
    readings: 4,
    age: 30_000,
    frameBytes: 512,
    uplink: { copies: 2, window: 8, timeout: 10_000, backoff: { min: 1000, max: 60_000 } },
  },
  outbox: { frames: 16, bytes: 4096 },
  links: ["a", "b"],
  sensors: [
    ["temperature", "Cel", 2],
    ["humidity", "%RH", 1],
    ["pressure", "Pa", 0],
    ["illuminance", "lx", 0],
  ].map(([name, unit, digits]) => ({
    interval: 10_000,
    channels: [{ property: "c0", name: String(name), unit: String(unit), digits: Number(digits) }],
  })),
  store: {},
  clock: 2,
  epoch: 1_795_000_000_000,
};

export const encodeConfig = (config: XsBoardConfig): Buffer => Buffer.from(JSON.stringify(config));
export const line = (kind: number, id: number, bytes: Uint8Array): string =>
  `${kind} ${id} ${Buffer.from(bytes).toString("hex")}`;

/** xs-host's dice (native/random.c): SHA-256 of the seed and a counter of 8 bytes. */
function dice(seed: Uint8Array, sha256: (data: Uint8Array, into: Uint8Array, at: number) => void) {
  const block = new Uint8Array(40);
  const digest = new Uint8Array(32);
  block.set(seed);
  const counter = new DataView(block.buffer, 32);
  let count = 0n;
  return (into: Uint8Array) => {
    for (let at = 0; at < into.length; at += 32) {
      counter.setBigUint64(0, count++, true);
      sha256(block, digest, 0);
      into.set(digest.subarray(0, into.length - at), at);
    }
  };
}

function bytesOfPart(part: Uint8Array | number): Buffer {
  if (typeof part !== "number") return Buffer.from(part);
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(part);
  return bytes;
}

/** The bundle that boards on XS run, on V8, with a `host` like native/natives.c's. */
function createV8Board(bundle: string, privateKey: Uint8Array, seed: Uint8Array) {
  const signer = createSigner(privateKey);
  const random = dice(seed, signer.sha256);
  const sent: { kind: number; id: number; bytes: Buffer }[] = [];
  const board = { uptime: 0, sent };
  // Arrays come from another realm: libsecp256k1's binding takes its own realm's only.
  const host = {
    sign(digest: Uint8Array, into: Uint8Array, at: number) {
      const signature = new Uint8Array(64);
      signer.sign(Uint8Array.from(digest), signature, 0);
      into.set(signature, at);
    },
    publicKey: (into: Uint8Array) => into.set(signer.publicKey),
    sha256: (data: Uint8Array, into: Uint8Array, at: number) =>
      signer.sha256(Uint8Array.from(data), into, at),
    random,
    uptime: () => board.uptime,
    text: (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1"),
    double: (bytes: Uint8Array, at: number) => Buffer.from(bytes).readDoubleLE(at),
    send: (kind: number, id: number, ...parts: (Uint8Array | number)[]) =>
      sent.push({ kind, id, bytes: Buffer.concat(parts.map(bytesOfPart)) }),
  };
  const realm = createContext({ host });
  runInContext(readFileSync(bundle, "utf8"), realm);
  const { boot, receive } = realm as {
    boot(config: Uint8Array): void;
    receive(kind: number, id: number, bytes: Uint8Array | undefined): void;
  };
  return {
    sent,
    boot,
    deliver({ uptime, kind, id, bytes }: Message) {
      board.uptime = uptime;
      receive(kind, id, bytes);
    },
  };
}

export interface Run {
  readonly messages: readonly Message[];
  /** What the board sent, a line each. */
  readonly said: readonly string[];
  readonly frames: readonly Uint8Array[];
}

/**
 * Runs the agent on V8 in virtual time for so many messages: brokers that now and then refuse, break off, or do not keep what
 * they acknowledge; sensors that now and then give NaN or fail. The messages can then be played to a board on XS.
 */
export function runOnV8(bundle: string, key: Uint8Array, seed: Uint8Array, turns: number): Run {
  const board = createV8Board(bundle, key, seed);
  const messages: Message[] = [];
  const said: string[] = [];
  const frames: Uint8Array[] = [];
  const queue: Message[] = [];
  const timers = new Map<number, Message>();
  let opened = 0;
  let published = 0;
  const later = (message: Message) => {
    let at = queue.length;
    while (at > 0 && (queue[at - 1] as Message).uptime > message.uptime) at--;
    queue.splice(at, 0, message);
    return message;
  };
  function hear(now: number): void {
    for (const { kind, id, bytes } of board.sent.splice(0)) {
      said.push(line(kind, id, bytes));
      if (kind === FromBoard.timerSet)
        timers.set(id, later({ uptime: now + bytes.readDoubleLE(), kind: ToBoard.timerFired, id }));
      else if (kind === FromBoard.timerClear) {
        const at = queue.indexOf(timers.get(id) as Message);
        if (at >= 0) queue.splice(at, 1);
      } else if (kind === FromBoard.linkOpen) {
        if (++opened % 3 === 0)
          later({ uptime: now + 30, kind: ToBoard.linkClosed, id, bytes: Buffer.from("refused") });
        else later({ uptime: now + 20, kind: ToBoard.linkOpened, id });
      } else if (kind === FromBoard.linkPublish) {
        frames.push(Uint8Array.from(bytes.subarray(1)));
        const link = bytes[0] as number;
        if (++published % 31 === 0)
          later({ uptime: now + 10, kind: ToBoard.linkClosed, id: link, bytes: Buffer.from("broke") });
        else
          later({
            uptime: now + 15,
            kind: ToBoard.linkAcknowledged,
            id,
            bytes: Uint8Array.of(link, published % 7 === 0 ? 0 : 1),
          });
      }
    }
  }
  function deliver(message: Message): void {
    messages.push(message);
    board.deliver(message);
    hear(message.uptime);
  }
  board.boot(encodeConfig(AGENT));
  hear(0);
  sample(0).forEach(deliver);
  deliver({ uptime: 0, kind: ToBoard.start, id: 0 });
  for (let turn = 0; messages.length < turns; turn++) {
    const next = queue.shift();
    if (next === undefined) break;
    if (next.kind === ToBoard.timerFired) sample(next.uptime, turn).forEach(deliver);
    deliver(next);
  }
  return { messages, said, frames };
}

function sample(uptime: number, turn = 0): Message[] {
  return AGENT.sensors.map((_, id) => {
    if (turn % 50 === 11) return { uptime, kind: ToBoard.sampleFailed, id, bytes: Buffer.from("not ready") };
    const bytes = new Uint8Array(8);
    const value = turn % 50 === 7 ? Number.NaN : Math.sin(turn + id) * 1000;
    new DataView(bytes.buffer).setFloat64(0, value, true);
    return { uptime, kind: ToBoard.sample, id, bytes };
  });
}
