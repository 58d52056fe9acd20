import { PacketFilter } from "./packet-filter.js";

/** What the SDK's MQTT client does with its socket: a part of ECMA-419's TCP (§12.5). */
export interface Socket {
  format: string;
  /** A byte in the format "number", else `count` bytes. */
  read(count?: number): unknown;
  /** Returns the bytes that may be written now. */
  write(data: Uint8Array, options?: object): number | undefined;
  close(): void;
}

/** Bytes that are read of a socket at once. */
const CHUNK = 256;
const PUBACK = 0x40;
const PUBACK_LENGTH = 4;

/**
 * What the SDK's MQTT client has for a socket. The client answers and pings in timers of its own, where an exception would end the machine:
 * what goes wrong in a write is told to `onFailure`, and then nothing is written any more. What comes passes the filter before the client reads
 * it, all of it while `readable` tells the client that it is there.
 */
export class GuardedSocket {
  readonly #socket: Socket;
  readonly #onFailure: (reason: string) => void;
  readonly #filter: PacketFilter;
  /** What the client may read now, and how much of it it has read. */
  #bytes = new Uint8Array(0);
  #at = 0;
  #hasFailed = false;

  /**
   * `onFailure`: called from inside of a call of the client's, must not end the session then and there. `topics`: what is subscribed to, if
   * anything.
   */
  constructor(socket: Socket, onFailure: (reason: string) => void, topics?: readonly string[]) {
    this.#filter = new PacketFilter(topics);
    this.#socket = socket;
    this.#onFailure = onFailure;
  }

  /** Code of the broker's CONNACK, as far as one came; 0: the session was taken. */
  get code(): number {
    return this.#filter.code;
  }

  /** In the middle of a publication that the client does not get. */
  get isPassingOver(): boolean {
    return this.#filter.isPassingOver;
  }

  /** All is bytes here: `read` gives one as a number where it is not asked for more. */
  set format(_: string) {}

  /** The socket has `count` bytes. Throws what `tell` throws, and at what a broker must not send. */
  readable(count: number, tell: (count: number) => void): void {
    for (let left = count; left > 0 && !this.#hasFailed; ) {
      this.#socket.format = "buffer";
      const bytes = new Uint8Array(this.#socket.read(Math.min(left, CHUNK)) as ArrayBuffer);
      if (bytes.length === 0) return;
      left -= bytes.length;
      this.#bytes = this.#filter.pass(bytes);
      this.#at = 0;
      if (this.#bytes.length > 0) tell(this.#bytes.length);
      if (this.#filter.failure !== undefined) throw this.#filter.failure;
    }
  }

  read(count?: number): number | ArrayBuffer {
    const at = this.#at;
    this.#at += count ?? 1;
    return count === undefined ? (this.#bytes[at] as number) : this.#bytes.slice(at, at + count).buffer;
  }

  write(data: Uint8Array, options?: object): number {
    if (this.#hasFailed) return 0;
    if (isPuback(data, options)) this.#filter.acknowledged();
    try {
      return this.#socket.write(data, options) ?? 0;
    } catch (error) {
      this.failed(error);
      return 0;
    }
  }

  close(): void {
    this.#hasFailed = true;
    try {
      this.#socket.close();
    } catch {
      // It is closed already.
    }
  }

  private failed(error: unknown): void {
    this.#hasFailed = true;
    this.#onFailure(String(error));
  }
}

/** The beginning of one, which the client writes by itself. */
function isPuback(data: Uint8Array, options: { readonly byteLength?: number } = {}): boolean {
  return data.length === 1 && data[0] === PUBACK && options.byteLength === PUBACK_LENGTH;
}
