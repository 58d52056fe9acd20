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

/**
 * What the SDK's MQTT client has for a socket. The client answers and pings in timers of its own, where an exception would end the machine:
 * what goes wrong in a write is told to `onFailure`, and then nothing is written any more. `read` throws, also at what a broker must not send: the
 * client reads in the socket's callbacks, which are guarded, and in a timer only what the filter never lets through.
 */
export class GuardedSocket {
  readonly #socket: Socket;
  readonly #onFailure: (reason: string) => void;
  readonly #filter: PacketFilter;
  #hasFailed = false;

  /**
   * `onFailure`: called from inside of a call of the client's, must not end the session then and there. `topic`: what is subscribed to, if
   * anything.
   */
  constructor(socket: Socket, onFailure: (reason: string) => void, topic?: string) {
    this.#filter = new PacketFilter(topic);
    this.#socket = socket;
    this.#onFailure = onFailure;
  }

  set format(format: string) {
    if (this.#hasFailed) return;
    try {
      this.#socket.format = format;
    } catch (error) {
      this.failed(error);
    }
  }

  read(count?: number): number | ArrayBuffer {
    if (count === undefined) {
      const byte = this.#socket.read() as number;
      this.#filter.check(byte);
      return byte;
    }
    const bytes = this.#socket.read(count) as ArrayBuffer;
    for (const byte of new Uint8Array(bytes)) this.#filter.check(byte);
    return bytes;
  }

  write(data: Uint8Array, options?: object): number {
    if (this.#hasFailed) return 0;
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
