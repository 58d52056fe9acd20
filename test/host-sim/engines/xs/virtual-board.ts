import type { XsBoardConfig } from "../../../../host-sim/engines/xs/board.js";
import { FromBoard, ToBoard } from "../../../../host-sim/engines/xs/messages.js";
import { createMemoryFlash } from "../../../../node/ports/flash.js";
import { RECEIPT } from "./receipt-kinds.js";
import { createV8Board, type Message } from "./v8-board.js";

export const NETWORK = "demo";

/** Two brokers, four sensors of one quantity each, every 10 s. */
export const AGENT: XsBoardConfig = {
  agent: {
    network: NETWORK,
    readings: 4,
    age: 30_000,
    frameBytes: 512,
    configuration: "c0f1c0f1c0f1c0f1",
    uplink: {
      copies: 2,
      acknowledgements: 2,
      window: 8,
      timeout: 10_000,
      backoff: { min: 1000, max: 60_000 },
      absent: 30_000,
      order: "oldest",
    },
  },
  flash: { size: 8192, sectorBytes: 2048, programBytes: 4 },
  isRemote: false,
  about: { reset: "power-on" },
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

/** What becomes of a link that a board opens, and of a frame that it sends: `count` counts them from 1. */
export interface Brokers {
  opens(uptime: number, count: number): boolean;
  takes(uptime: number, count: number): "kept" | "not kept" | "broke";
}

/** They now and then refuse, break off, or do not keep what they acknowledge. */
export const FLAKY: Brokers = {
  opens: (_, count) => count % 3 !== 0,
  takes: (_, count) => (count % 31 === 0 ? "broke" : count % 7 === 0 ? "not kept" : "kept"),
};

export interface Play {
  readonly config: XsBoardConfig;
  readonly brokers: Brokers;
  /** Whether sensors now and then give NaN or fail. */
  readonly flakySensors: boolean;
  /** What witnesses say when they have seen this frame: messages of its receipt topic (receipt-board.ts's boards). */
  readonly receipts?: (boot: number, sequence: number) => readonly Uint8Array[];
  /** Whether it goes on after so many messages, at this uptime. */
  goesOn(messages: number, uptime: number): boolean;
}

export interface Run {
  readonly messages: readonly Message[];
  /** What the board sent, a line each. */
  readonly said: readonly string[];
  readonly frames: readonly Uint8Array[];
}

/** So many messages to `AGENT`, with all that can go wrong. */
export function flaky(messages: number): Play {
  return { config: AGENT, brokers: FLAKY, flakySensors: true, goesOn: (count) => count < messages };
}

/** Runs the agent on V8 in virtual time. The messages can then be played to a board on XS. */
export function runOnV8(bundle: string, key: Uint8Array, seed: Uint8Array, play: Play): Run {
  const { config, brokers } = play;
  const board = createV8Board(bundle, key, seed, createMemoryFlash(config.flash));
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
        timers.delete(id);
      } else if (kind === FromBoard.linkOpen) {
        if (brokers.opens(now, ++opened)) later({ uptime: now + 20, kind: ToBoard.linkOpened, id });
        else later({ uptime: now + 30, kind: ToBoard.linkClosed, id, bytes: Buffer.from("refused") });
      } else if (kind === FromBoard.signed) {
        for (const receipt of play.receipts?.(bytes.readDoubleLE(), id) ?? [])
          later({ uptime: now + 1000, kind: RECEIPT, id: 0, bytes: receipt });
      } else if (kind === FromBoard.linkPublish) {
        const isRetained = bytes.readDoubleLE(8) % 2 === 1; // a status
        if (!isRetained) frames.push(Uint8Array.from(bytes.subarray(16)));
        const link = bytes.readDoubleLE();
        const fate = brokers.takes(now, ++published);
        const answer = Uint8Array.of(link);
        if (fate === "broke")
          later({ uptime: now + 10, kind: ToBoard.linkClosed, id: link, bytes: Buffer.from("broke") });
        else if (fate === "kept")
          later({ uptime: now + 15, kind: ToBoard.linkAcknowledged, id, bytes: answer });
        else
          later({ uptime: now + 15, kind: ToBoard.linkRefused, id, bytes: Buffer.from([link, 0x6e, 0x6f]) });
      }
    }
  }
  function deliver(message: Message): void {
    messages.push(message);
    board.deliver(message);
    hear(message.uptime);
  }
  function sampleAll(uptime: number, turn: number): void {
    for (let id = 0; id < config.sensors.length; id++) deliver(sample(uptime, id, turn, play.flakySensors));
  }
  board.boot(encodeConfig(config));
  hear(0);
  sampleAll(0, 0);
  deliver({ uptime: 0, kind: ToBoard.start, id: 0 });
  for (let turn = 0, now = 0; play.goesOn(messages.length, now); turn++) {
    const next = queue.shift();
    if (next === undefined) break;
    now = next.uptime;
    if (next.kind === ToBoard.timerFired) {
      timers.delete(next.id);
      sampleAll(now, turn);
    }
    deliver(next);
  }
  return { messages, said, frames };
}

function sample(uptime: number, id: number, turn: number, isFlaky: boolean): Message {
  if (isFlaky && turn % 50 === 11)
    return { uptime, kind: ToBoard.sampleFailed, id, bytes: Buffer.from("not ready") };
  const bytes = new Uint8Array(8);
  const value = isFlaky && turn % 50 === 7 ? Number.NaN : Math.sin(turn + id) * 1000;
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return { uptime, kind: ToBoard.sample, id, bytes };
}
