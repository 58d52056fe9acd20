import { createHash } from "node:crypto";
import type { Frame } from "../../../../agent/frame/parse.js";
import { parseFrame } from "../../../../agent/frame/parse.js";
import { ChipHost } from "../../../../host-sim/engines/rv32/chip-host.js";
import { FromBoard, ToBoard } from "../../../../host-sim/engines/xs/messages.js";
import { AGENT, encodeConfig } from "../xs/virtual-board.js";
import { CREATION, KEY } from "../xs/xs-host.js";
import { BOARD } from "./emulated.js";

interface Message {
  readonly uptime: number;
  readonly kind: number;
  readonly id: number;
  readonly bytes?: Uint8Array;
}

/** When the power goes: so many messages after the start, so many milliseconds into one. */
export interface Cut {
  readonly message: number;
  readonly delay: number;
}

/** Room for all that a test makes: nothing is to be dropped. */
const FLASH = { size: 256 * 1024, sectorBytes: 4096, programBytes: 4 };
const PREV_BYTES = 16;

/**
 * The surroundings of a board that loses its power again and again: brokers that keep every third frame, virtual time, the key-value
 * store. They go on where it ended.
 */
export class PoweredSite {
  readonly #image: string;
  readonly #folder: string;
  readonly #store = new Map<string, readonly number[]>();
  /** By "boot/sequence", in hexadecimal; whatever left the board. */
  readonly frames = new Map<string, string>();
  /** What was signed and is not that: "boot/sequence". */
  readonly equivocations: string[] = [];
  /** Frames that the board said it had signed, durable by then. */
  readonly signed = new Set<string>();
  readonly ends: string[] = [];
  /** What each boot found in its journal. */
  readonly recovered: number[] = [];
  #published = 0;
  #epoch = AGENT.epoch;

  constructor(image: string, folder: string) {
    this.#image = image;
    this.#folder = folder;
  }

  /** One life of the board: until `cut`, or for so many messages. `isLast`: brokers keep all. */
  async live(messages: number, { cut, isLast = false }: { cut?: Cut; isLast?: boolean } = {}): Promise<void> {
    let gone = () => {};
    const ended = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const host = new ChipHost({ image: this.#image, folder: this.#folder, failed: () => gone() });
    const queue: Message[] = [];
    const keys: string[] = [];
    const timers = new Map<number, Message>();
    let now = 0;
    const later = (message: Message) => {
      let at = queue.length;
      while (at > 0 && (queue[at - 1] as Message).uptime > message.uptime) at--;
      queue.splice(at, 0, message);
      return message;
    };
    const hear = (kind: number, id: number, bytes: Buffer) => {
      if (kind === FromBoard.timerSet)
        timers.set(id, later({ uptime: now + bytes.readDoubleLE(), kind: ToBoard.timerFired, id }));
      else if (kind === FromBoard.timerClear) {
        const at = queue.indexOf(timers.get(id) as Message);
        if (at >= 0) queue.splice(at, 1);
      } else if (kind === FromBoard.linkOpen) later({ uptime: now + 20, kind: ToBoard.linkOpened, id });
      else if (kind === FromBoard.storeKey) keys[id] = bytes.toString("latin1");
      else if (kind === FromBoard.storeSet) this.#store.set(keys[id] as string, [...bytes]);
      else if (kind === FromBoard.recovered) this.recovered.push(id);
      else if (kind === FromBoard.signed) this.signed.add(`${bytes.readDoubleLE()}/${id}`);
      else if (kind === FromBoard.linkPublish) {
        const link = bytes.readDoubleLE();
        const isRetained = bytes.readDoubleLE(8) % 2 === 1; // a status
        if (!isRetained) this.#hearFrame(Uint8Array.from(bytes.subarray(16)));
        const isKept = isRetained || isLast || ++this.#published % 3 === 0;
        const answer = Uint8Array.of(link);
        if (isKept) later({ uptime: now + 15, kind: ToBoard.linkAcknowledged, id, bytes: answer });
      }
    };
    host.flash(BOARD, FLASH, false, new Uint8Array(0));
    const config = { ...AGENT, flash: FLASH, store: Object.fromEntries(this.#store), epoch: this.#epoch };
    const listener = {
      sent: hear,
      ended: (reason: string, detail: string) => this.ends.push(`${reason}: ${detail}`),
    };
    host.create(BOARD, { ...CREATION, stackSlots: 480 }, KEY, encodeConfig(config), listener);
    host.deliver(BOARD, 0, ToBoard.start, 0);
    await host.barrier();
    for (let count = 0; count < messages; count++) {
      const next = queue.shift();
      if (next === undefined) break;
      now = next.uptime;
      if (next.kind === ToBoard.timerFired)
        for (let id = 0; id < 4; id++) host.deliver(BOARD, now, ToBoard.sample, id, sample(count + id));
      host.deliver(BOARD, now, next.kind, next.id, next.bytes);
      if (count === cut?.message) {
        await new Promise((resolve) => setImmediate(resolve)); // it is written
        await new Promise((resolve) => setImmediate(resolve));
        for (const start = performance.now(); performance.now() - start < cut.delay; );
        host.cutPower();
        await ended;
        break;
      }
      await host.barrier();
    }
    this.#epoch += now + 1000;
    if (cut === undefined) await host.close();
  }

  /** What is wrong with all that was heard: a frame that is missing from the chain, or does not fit it. */
  flaws(): string[] {
    const frames = [...this.frames.values()]
      .map((hex) => (parseFrame(Buffer.from(hex, "hex")) as { frame: Frame }).frame)
      .sort((a, b) => a.boot - b.boot || a.sequence - b.sequence);
    const lost = [...this.signed].filter((position) => !this.frames.has(position)).map((it) => `lost ${it}`);
    let prev = Buffer.alloc(PREV_BYTES);
    const broken = frames.flatMap((frame) => {
      const fits = prev.equals(frame.prev);
      prev = createHash("sha256").update(frame.bytes).digest().subarray(0, PREV_BYTES);
      return fits ? [] : [`before ${frame.boot}/${frame.sequence} another is missing`];
    });
    return [...this.equivocations, ...this.ends, ...lost, ...broken];
  }

  #hearFrame(bytes: Uint8Array): void {
    const { boot, sequence } = (parseFrame(bytes) as { frame: Frame }).frame;
    const position = `${boot}/${sequence}`;
    const hex = Buffer.from(bytes).toString("hex");
    if ((this.frames.get(position) ?? hex) !== hex) this.equivocations.push(`${position} signed twice`);
    this.frames.set(position, hex);
  }
}

function sample(turn: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(Math.sin(turn) * 1000);
  return bytes;
}
