/**
 * xs-host's protocol (native/protocol.c): frames of u32 length of what follows, u32 board, u8 kind, payload; little-endian.
 */

export const ToHost = {
  create: 1,
  deliver: 2,
  end: 3,
  statistics: 4,
  quit: 5,
  ping: 6,
  flash: 8,
  flashDrop: 9,
  reply: 10,
} as const;
export const FromHost = {
  created: 1,
  sent: 2,
  ended: 3,
  counted: 4,
  pong: 5,
  ready: 6,
  refused: 7,
  flashed: 9,
  call: 10,
  done: 11,
} as const;

/** All boards, where a board's number is asked for. */
export const ALL_BOARDS = 0xffffffff;

/** Why a board ended; the index is on the wire. */
export const REASONS = [
  "asked",
  "slots",
  "chunks",
  "stack",
  "native-stack",
  "keys",
  "computation",
  "time",
  "exception",
  "rejection",
  "flash-write",
  "no-parser",
  "output",
  "host-memory",
  "fatal",
  "power-cut",
] as const;
export type EndReason = (typeof REASONS)[number];

/** What a board may use, and cannot grow. */
export interface Creation {
  /** Property, value and object slots: 16 bytes each on a board. */
  readonly slots: number;
  /** Strings, buffers and tables, in bytes of a 32-bit board. */
  readonly chunkBytes: number;
  /** 16 bytes each on a board. */
  readonly stackSlots: number;
  /** Property names made at run time. */
  readonly keys: number;
  /** The longest message that needs no buffer of its own, in bytes. */
  readonly payloadBytes: number;
  /** Metering: the work that one message may cause. */
  readonly computrons: number;
}

/** The flash of a board's own, which outlives it. */
export interface FlashShape {
  /** Bytes in all, a whole number of sectors; 16 MiB at most. */
  readonly size: number;
  readonly sectorBytes: number;
  /** 1 to 32. */
  readonly programBytes: number;
}

/** What a board's flash underwent. */
export type FlashChange = "programmed" | "erased";
const CHANGES: readonly (FlashChange | undefined)[] = [undefined, "programmed", "erased"];

/**
 * What Node answers to a board's call: bytes, an error that the board's script gets as an exception, or nothing any more: the power is
 * cut in the middle of it. An error's text is cut at 119 characters.
 */
export type Reply = { readonly bytes: Uint8Array } | { readonly error: Error } | "cut";
const ReplyStatus = { ok: 0, failed: 1, outOfRange: 2, cut: 3 } as const;

/** Bytes of the buffer that is kept. */
const ROOM = 1 << 16;
const HEAD = 9;
const CREATE_HEAD = 6 * 4 + 1;
const DELIVER_HEAD = 8 + 1 + 4;
const KEY_GIVEN = 1;
const SEED_GIVEN = 2;
const SYNCHRONOUS = 4;
const MIRRORED = 1;
const FLASH_HEAD = 3 * 4 + 1;
/** What a frame's length may say, at most. */
const FRAME_BYTES = 1 << 20;

/** Gathers frames for xs-host in one growing buffer. */
export class HostWriter {
  #buffer = Buffer.allocUnsafe(ROOM);
  #end = 0;

  get length(): number {
    return this.#end;
  }

  /** All frames since the last `take`. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#end));
    if (this.#buffer.length > ROOM) this.#buffer = Buffer.allocUnsafe(ROOM);
    this.#end = 0;
    return taken;
  }

  frame(board: number, kind: number, payload: Uint8Array = NOTHING): void {
    const at = this.#head(board, kind, payload.length);
    this.#buffer.set(payload, at);
  }

  /**
   * `seed`: 32 bytes that all of the board's randomness comes from; without it, from the system. A synchronous board may make
   * calls, and says when a turn is over.
   */
  create(
    board: number,
    creation: Creation,
    privateKey: Uint8Array,
    config: Uint8Array,
    seed: Uint8Array = NOTHING,
    isSynchronous = false,
  ): void {
    let at = this.#head(board, ToHost.create, CREATE_HEAD + privateKey.length + seed.length + config.length);
    const { slots, chunkBytes, stackSlots, keys, payloadBytes, computrons } = creation;
    for (const limit of [slots, chunkBytes, stackSlots, keys, payloadBytes, computrons])
      at = this.#buffer.writeUInt32LE(limit, at);
    const flags = KEY_GIVEN | (seed.length > 0 ? SEED_GIVEN : 0) | (isSynchronous ? SYNCHRONOUS : 0);
    at = this.#buffer.writeUInt8(flags, at);
    for (const part of [privateKey, seed, config]) {
      this.#buffer.set(part, at);
      at += part.length;
    }
  }

  /** `uptime`: milliseconds; the board's time until the next one. */
  deliver(board: number, uptime: number, kind: number, id: number, payload: Uint8Array = NOTHING): void {
    let at = this.#head(board, ToHost.deliver, DELIVER_HEAD + payload.length);
    at = this.#buffer.writeDoubleLE(uptime, at);
    at = this.#buffer.writeUInt8(kind, at);
    at = this.#buffer.writeUInt32LE(id, at);
    this.#buffer.set(payload, at);
  }

  /**
   * `content`: its first bytes; all others are erased. Mirrored: each change is told. Throws RangeError where the content is longer
   * than a frame.
   */
  flash(board: number, shape: FlashShape, isMirrored: boolean, content: Uint8Array): void {
    if (content.length > FRAME_BYTES - (HEAD - 4) - FLASH_HEAD)
      throw new RangeError(`content: at most a frame of ${FRAME_BYTES} bytes, not ${content.length}`);
    let at = this.#head(board, ToHost.flash, FLASH_HEAD + content.length);
    for (const value of [shape.size, shape.sectorBytes, shape.programBytes])
      at = this.#buffer.writeUInt32LE(value, at);
    at = this.#buffer.writeUInt8(isMirrored ? MIRRORED : 0, at);
    this.#buffer.set(content, at);
  }

  reply(board: number, reply: Reply): void {
    if (reply === "cut") this.#reply(board, ReplyStatus.cut, NOTHING);
    else if ("bytes" in reply) this.#reply(board, ReplyStatus.ok, reply.bytes);
    else {
      const status = reply.error instanceof RangeError ? ReplyStatus.outOfRange : ReplyStatus.failed;
      this.#reply(board, status, Buffer.from(reply.error.message));
    }
  }

  #reply(board: number, status: number, bytes: Uint8Array): void {
    const at = this.#head(board, ToHost.reply, 1 + bytes.length);
    this.#buffer.set(bytes, this.#buffer.writeUInt8(status, at));
  }

  /** Makes room for a frame and writes its head; returns where its payload goes. */
  #head(board: number, kind: number, payload: number): number {
    const start = this.#end;
    this.#end += HEAD + payload;
    if (this.#end > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(2 * this.#end);
      this.#buffer.copy(grown, 0, 0, start);
      this.#buffer = grown;
    }
    this.#buffer.writeUInt32LE(HEAD - 4 + payload, start);
    this.#buffer.writeUInt32LE(board, start + 4);
    this.#buffer.writeUInt8(kind, start + 8);
    return start + HEAD;
  }
}

const NOTHING = new Uint8Array(0);

const NO_REST = Buffer.alloc(0);

/** Calls back for each whole frame in what xs-host writes. The payload is a view, good during the call only. */
export class HostReader {
  #rest: Buffer = NO_REST;

  constructor(readonly frame: (board: number, kind: number, payload: Buffer) => void) {}

  push(chunk: Buffer): void {
    const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (data.length - at >= 4) {
      const end = at + 4 + data.readUInt32LE(at);
      if (data.length < end) break;
      this.frame(data.readUInt32LE(at + 4), data.readUInt8(at + 8), data.subarray(at + HEAD, end));
      at = end;
    }
    // A copy: `chunk` may be used again.
    this.#rest = at === data.length ? NO_REST : Buffer.from(data.subarray(at));
  }
}

/** Reads what xs-host says of a change of flash (kind `flashed`); undefined for one that there is not. */
export function readFlashed(payload: Buffer) {
  const change = CHANGES[payload.readUInt8(0)];
  return change && { change, address: payload.readUInt32LE(1), bytes: payload.subarray(5) };
}
