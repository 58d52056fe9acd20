import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { hex } from "../agent/cose/kid.js";
import type { SignatureChecker } from "../agent/ports/signer.js";
import type { SubscriberHandler } from "../network/ports/subscription.js";
import { MemoryRegistry } from "../network/verify/memory-registry.js";
import { openVerifier } from "../node/network/verifier.js";
import {
  createSigner,
  hasher,
  newPrivateKey,
  signatureChecker,
  uncompressedKey,
} from "../node/ports/signer.js";
import { against, type Figure, type Section } from "./harness.js";
import { MANNERS, PuppetDevice } from "./hostile-device.js";

const NETWORK = "demo";
const HONEST = 1000;
const HOSTILE = 10_000;
/** Seconds from one frame of a device to the next, honest or hostile; a stranger sends ten times as many as all honest ones. */
const CADENCE = 60;
const STRANGER = 10;
/** Seconds of a measurement: each board sends once. */
const SECONDS = CADENCE;
const ROUNDS = 5;
/** Frames that each hostile device has sent before: more than the verifier has room for. */
const BEFORE = 30;
/** As `verify` has them: for all that is known of devices, and for frames of devices that are not enrolled. */
const MEMORY = 256 << 20;
const QUARANTINE = 32 << 20;
/** Bytes that a socket reads at a time. */
const READ = 65_536;
/** What a stranger's frames have where an honest device's signature stands. */
const FORGED = 2;

/** What hostile devices and strangers cost the honest boards' frames beside them, and the verifier. */
export function hostileSection(): Section {
  return { name: "hostile", run };
}

interface Measured {
  /** Milliseconds. */
  readonly p99: number;
  /** Processors. */
  readonly busy: number;
}

interface Arrival {
  /** Milliseconds from the start. */
  readonly due: number;
  readonly make: () => Uint8Array;
  readonly isHonest: boolean;
}

async function run(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-hostile-"));
  try {
    const alone = new Trial(join(folder, "alone.cborseq"), 0);
    await alone.measure(); // warm
    const before = await rounds(alone);
    const crowded = new Trial(join(folder, "crowded.cborseq"), HOSTILE);
    await crowded.fill();
    const { p99, busy } = await rounds(crowded);
    const resident = process.memoryUsage.rss() / 2 ** 20;
    const taken = crowded.taken();
    await crowded.close();
    const after = await rounds(alone);
    await alone.close();
    const reference = (before.p99 + after.p99) / 2;
    const figure = {
      name: `honest frames' p99 beside ${HOSTILE} hostile devices and a stranger`,
      value: p99,
      unit: "ms",
    };
    return [
      {
        ...against(figure, { name: "alone", value: reference, unit: "ms" }),
        goal: { text: "at most 2", met: p99 <= 2 * reference },
      },
      { name: "processors that all of these frames take", value: busy, unit: "cores" },
      { name: "of this process in RAM, with what V8 has not collected yet", value: resident, unit: "MB" },
      bounded("what the verifier takes then", taken / 2 ** 20, (MEMORY + QUARANTINE) / 2 ** 20),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Measures several times, since V8 collects when it likes: what is in the middle of each figure. */
async function rounds(trial: Trial): Promise<Measured> {
  const all: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await trial.measure());
  const middle = (figures: number[]) => figures.sort((a, b) => a - b)[ROUNDS >> 1] as number;
  return { p99: middle(all.map(({ p99 }) => p99)), busy: middle(all.map(({ busy }) => busy)) };
}

function bounded(name: string, value: number, most: number): Figure {
  const reference = { name: "bound", value: most, unit: "MB" };
  return {
    name,
    value,
    unit: "MB",
    reference,
    ratio: value / most,
    goal: { text: "at most 1", met: value <= most },
  };
}

/** A verifier, and devices that send to it. */
class Trial {
  readonly #honest: PuppetDevice[];
  readonly #hostile: PuppetDevice[];
  readonly #verifier;
  #handler: SubscriberHandler | undefined;
  #isChecked = false;
  #read = Buffer.alloc(0);
  #at = 0;
  readonly #heap: number;
  #wrong = 0;

  constructor(out: string, hostile: number) {
    const enrolment = new MemoryRegistry(NETWORK, HONEST + hostile);
    const point = uncompressedKey(createSigner(newPrivateKey()).publicKey);
    const sensors = [{ name: "temperature", unit: "Cel", min: -90, max: 60, cadence: CADENCE }];
    const device = (number: number) => {
      const kid = kidOf(number);
      enrolment.add(hex(kid), point, "bench", sensors);
      return new PuppetDevice(NETWORK, kid);
    };
    this.#honest = Array.from({ length: HONEST }, (_, i) => device(i));
    this.#hostile = Array.from({ length: hostile }, (_, i) => device(HONEST + i));
    for (let i = 0; i < 3000; i++) strange(i); // what makes them is not the verifier's
    this.#heap = heap();
    this.#verifier = openVerifier({
      registry: enrolment,
      signatures: this.#signatures(),
      sources: [
        (handler) => {
          this.#handler = handler;
          return { broker: "memory", subscribed: true, close: async () => {} };
        },
      ],
      out,
      quarantine: QUARANTINE,
      judged: (judgement) => {
        const isHonest = judgement.kid !== undefined && Number.parseInt(judgement.kid, 16) < HONEST;
        if (isHonest && judgement.ok === false && judgement.verdict !== "bad-signature") this.#wrong++;
        JSON.stringify(judgement); // as it is printed
      },
      missing: () => {},
      alarm: () => {},
      state: () => {},
      failed(error) {
        throw error;
      },
    });
  }

  /** Each costs what a signature costs, and is good unless it says otherwise. */
  #signatures(): SignatureChecker {
    const signer = createSigner(newPrivateKey());
    const digest = new Uint8Array(32);
    const signature = new Uint8Array(64);
    signer.sign(digest, signature, 0);
    return {
      sha256: (data, into, at) => hasher.sha256(data, into, at),
      verify: (given) => {
        if (this.#isChecked) signatureChecker.verify(signature, digest, signer.publicKey);
        return given[0] !== FORGED;
      },
    };
  }

  /** All hostile devices send what they have, in turns. */
  async fill(): Promise<void> {
    for (let i = 0; i < BEFORE; i++) {
      for (const [number, device] of this.#hostile.entries()) this.#send(mannerOf(number)(device, i));
      await turn();
    }
  }

  /**
   * Honest frames' p99, in milliseconds from when each was due to when it was taken, where each frame takes the time that it took here,
   * with all that is done between it and the one before; of a processor, so that it is much the same on a machine that does other things.
   */
  async measure(): Promise<Measured> {
    this.#isChecked = true;
    const late: number[] = [];
    let now = 0;
    let busy = 0;
    for (const { due, make, isHonest } of this.#arrivals()) {
      const frame = make(); // what makes frames is not the verifier's time
      const before = times();
      this.#send(frame);
      await turn();
      const spent = between(before, times());
      busy += spent;
      now = Math.max(now, due) + spent;
      if (isHonest) late.push(now - due);
    }
    this.#isChecked = false;
    if (this.#wrong > 0)
      throw new Error(`${this.#wrong} honest frames are not ok: the figures would mean nothing`);
    late.sort((a, b) => a - b);
    return { p99: late[Math.floor(0.99 * late.length)] as number, busy: busy / (1000 * SECONDS) };
  }

  #arrivals(): Arrival[] {
    const arrivals: Arrival[] = [];
    const put = (isHonest: boolean, make: () => Uint8Array) =>
      arrivals.push({ due: Math.random() * 1000 * SECONDS, make, isHonest });
    for (let i = 0; i < HONEST; i++) {
      const board = this.#honest[i % HONEST] as PuppetDevice;
      put(true, () => board.next());
    }
    if (this.#hostile.length > 0) {
      for (let i = 0; i < HOSTILE; i++) {
        const number = (i * 7919) % HOSTILE;
        const device = this.#hostile[number] as PuppetDevice;
        put(false, () => mannerOf(number)(device, device.count));
      }
      for (let i = 0; i < HONEST * STRANGER; i++) put(false, () => strange(i));
    }
    return arrivals.sort((a, b) => a.due - b.due);
  }

  #send(frame: Uint8Array): void {
    // As a broker's client has it: a view of all that was read with it.
    if (this.#at + frame.length > this.#read.length) {
      this.#read = Buffer.allocUnsafeSlow(READ);
      this.#at = 0;
    }
    this.#read.set(frame, this.#at);
    const bytes = this.#read.subarray(this.#at, this.#at + frame.length);
    this.#at += frame.length;
    this.#handler?.frame(bytes, `fieldmark/1/${NETWORK}/0000000000000000/frame`);
  }

  /** Bytes that the verifier takes now, as V8 has it. */
  taken(): number {
    return heap() - this.#heap;
  }

  close(): Promise<void> {
    return this.#verifier.close(false);
  }
}

const mannerOf = (number: number) => MANNERS[number % MANNERS.length] as (typeof MANNERS)[number];

const strangers = new Map<number, PuppetDevice>();
function strangerOf(number: number): PuppetDevice {
  const stranger = strangers.get(number) ?? new PuppetDevice(NETWORK, kidOf(number));
  strangers.set(number, stranger);
  return stranger;
}

/** In turns: of a device that nobody knows, an honest one's with a forged signature, no frame. */
function strange(i: number): Uint8Array {
  if (i % 3 === 2) return Uint8Array.of(i, i >> 8, i >> 16);
  const frame = strangerOf(i % 3 === 0 ? 1e9 + (i % 3000) : i % HONEST).frame({
    sequence: i,
  });
  if (i % 3 === 1) frame[frame.length - 64] = FORGED;
  return frame;
}

function kidOf(number: number): Uint8Array {
  const kid = new Uint8Array(8);
  new DataView(kid.buffer).setUint32(4, number);
  return kid;
}

/** Milliseconds that the process has had of all processors, its collector's threads included; and of the day. */
function times(): readonly [cpu: number, day: number] {
  const { user, system } = process.cpuUsage();
  return [(user + system) / 1000, performance.now()];
}

/** Whichever is less: other programs take time of the day, and threads beside this one that of processors. */
function between(
  [cpu, day]: readonly [number, number],
  [laterCpu, laterDay]: readonly [number, number],
): number {
  return Math.min(laterCpu - cpu, laterDay - day);
}

function heap(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
