import { ChipHost } from "../host-sim/engines/rv32/chip-host.js";
import { type Counters, WORKS, workOf } from "../host-sim/engines/rv32/counters.js";
import type { XsBoardConfig } from "../host-sim/engines/xs/board.js";
import { FromBoard, ToBoard } from "../host-sim/engines/xs/messages.js";
import type { BoardCounts } from "../host-sim/engines/xs/process.js";
import type { Creation } from "../host-sim/engines/xs/wire.js";

const BOARD = 0;
const MINUTE = 60_000;
const KEY = new Uint8Array(32).fill(1);
const SEED = new Uint8Array(32).fill(9);

/** A whole board: 4 sensors of a frame a minute, 2 brokers, a window of 16 frames. */
const CONFIG: XsBoardConfig = {
  agent: {
    network: "demo",
    readings: 4,
    age: 30_000,
    frameBytes: 512,
    configuration: "c0f1c0f1c0f1c0f1",
    uplink: {
      copies: 2,
      acknowledgements: 2,
      window: 16,
      timeout: 10_000,
      backoff: { min: 1000, max: 60_000 },
      absent: 30_000,
      order: "oldest",
    },
  },
  flash: { size: 256 * 1024, sectorBytes: 4096, programBytes: 4 },
  isRemote: false,
  about: { reset: "power-on" },
  links: ["a", "b"],
  sensors: (
    [
      ["temperature", "Cel", 2],
      ["humidity", "%RH", 1],
      ["pressure", "Pa", 0],
      ["illuminance", "lx", 0],
    ] as const
  ).map(([name, unit, digits]) => ({
    interval: MINUTE,
    channels: [{ property: "c0", name, unit, digits }],
  })),
  store: {},
  clock: 2,
  epoch: 1_795_000_000_000,
};

export interface AgentRun {
  /** All instructions from power-on until the first frame was signed. */
  readonly boot: number;
  /** Of the first message of a sample until its frame is on its way: the mean over all but the first frames, by what they were for. */
  readonly frame: Readonly<Record<"script" | "sign" | "hash" | "flash", number>>;
  readonly counters: Counters;
  readonly counts: BoardCounts;
  /** Of one collection, at the end. */
  readonly collection: number;
}

interface Message {
  readonly uptime: number;
  readonly kind: number;
  readonly id: number;
  readonly bytes?: Uint8Array;
}

/** Runs a board with counted instructions until it has signed so many frames. */
export async function runAgent(
  image: string,
  folder: string,
  creation: Creation,
  frames: number,
): Promise<AgentRun> {
  let failure = "";
  const host = new ChipHost({
    image,
    folder,
    isCounted: true,
    failed: ({ message }) => (failure ||= message),
  });
  const queue: Message[] = [];
  let now = 0;
  let signed = 0;
  const later = (message: Message) => {
    const at = queue.findIndex(({ uptime }) => uptime > message.uptime);
    queue.splice(at < 0 ? queue.length : at, 0, message);
  };
  const sent = (kind: number, id: number, bytes: Buffer) => {
    if (kind === FromBoard.signed) signed++;
    else if (kind === FromBoard.timerSet)
      later({ uptime: now + bytes.readDoubleLE(), kind: ToBoard.timerFired, id });
    else if (kind === FromBoard.timerClear) {
      const at = queue.findIndex((it) => it.kind === ToBoard.timerFired && it.id === id);
      if (at >= 0) queue.splice(at, 1);
    } else if (kind === FromBoard.linkOpen) later({ uptime: now + 20, kind: ToBoard.linkOpened, id });
    else if (kind === FromBoard.linkPublish)
      later({
        uptime: now + 15,
        kind: ToBoard.linkAcknowledged,
        id,
        bytes: Uint8Array.of(bytes.readDoubleLE(), 1),
      });
  };
  const count = async () => {
    const counters = await host.counters(BOARD);
    if (counters === undefined || failure !== "") throw new Error(`the board ended: ${failure}`);
    return counters;
  };
  const sample = () => {
    for (let id = 0; id < CONFIG.sensors.length; id++) {
      const values = new Float64Array([20 + id + signed / 8]);
      host.deliver(BOARD, now, ToBoard.sample, id, new Uint8Array(values.buffer));
    }
  };
  try {
    host.flash(BOARD, CONFIG.flash, false, new Uint8Array(0));
    const ended = (reason: string, detail: string) => {
      failure ||= `${reason}: ${detail}`;
    };
    host.create(BOARD, creation, KEY, Buffer.from(JSON.stringify(CONFIG)), { sent, ended }, SEED);
    sample();
    host.deliver(BOARD, 0, ToBoard.start, 0);
    let boot = workOf(await count());
    const sums = { script: 0, sign: 0, hash: 0, flash: 0 };
    let counted = 0;
    while (signed < frames) {
      const next = queue.shift();
      if (next === undefined) throw new Error("the board waits for nothing");
      now = next.uptime;
      const before = signed;
      if (next.kind === ToBoard.timerFired) sample();
      host.deliver(BOARD, now, next.kind, next.id, next.bytes);
      const counters = await count();
      if (before === 0) boot += workOf(counters);
      // The first frames are longer: names are new, and connections.
      if (signed === before || signed <= SETTLING) continue;
      counted++;
      for (const work of WORKS) if (work in sums) sums[work as keyof typeof sums] += counters[work];
    }
    const mean = (sum: number) => Math.round(sum / counted);
    const frame = {
      script: mean(sums.script),
      sign: mean(sums.sign),
      hash: mean(sums.hash),
      flash: mean(sums.flash),
    };
    const counts = await host.count(BOARD, true);
    const counters = await count();
    if (counts === undefined) throw new Error(`the board ended: ${failure}`);
    return { boot, frame, counters, counts, collection: counters.collect };
  } finally {
    await host.close();
  }
}

const SETTLING = 4;
