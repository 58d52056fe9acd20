/// <reference path="../../types/tls.d.ts" />
import TCP from "embedded:io/socket/tcp";
import RNG from "rng";
import recordProtocol from "ssl/record";
import Session from "ssl/session";
import Timer from "timer";
import { random } from "../native.js";
import type { SocketOptions } from "../transport.js";
import { PinnedCertificates } from "./pinned-certificates.js";
import { RecordGuard } from "./record-guard.js";
import { RecordReader } from "./record-reader.js";

/** RFC 5246 §A.1. */
const TLS_1_2 = 0x0303;
/** Bytes that a record has besides its data, at the most: header, IV, SHA-256, padding (RFC 5246 §6.2.3.2). */
const OVERHEAD = 5 + 16 + 32 + 16;
const SEED_BYTES = 32;

/**
 * TLS 1.2 over TCP with the records and ciphers of the SDK (ssl/session), as an ECMA-419 TCP socket (§12.5). Whatever a peer sends, the socket
 * ends with `onError`: nothing is thrown in a callback or a timer. `close` ends it without.
 */
export class TlsSocket {
  format: "buffer" | "number" = "buffer";
  readonly #options: SocketOptions;
  readonly #session: Session;
  readonly #tcp: TCP;
  readonly #reader: RecordReader;
  readonly #guard = new RecordGuard();
  /** What the session writes through. */
  readonly #carrier = { readable: 0, writable: 0, write: (packet: Uint8Array) => this.send(packet) };
  /** Decrypted and not read yet, from `#at`. */
  #data: Uint8Array | undefined;
  #at = 0;
  /** Bytes of a write that is not finished. */
  #pending = 0;
  #isBegun = false;
  #isReady = false;
  #isOver = false;
  #later: Timer | undefined;

  /** `certificate`: X.509 in DER, the host's own or of the authority that vouches for it. */
  constructor(options: SocketOptions, certificate: Uint8Array) {
    this.#options = options;
    // The SDK would seed its generator of keys from rand().
    const seed = new Uint8Array(SEED_BYTES);
    random(seed);
    RNG.init(seed.buffer);
    this.#session = new Session({ serverName: options.host, protocolVersion: TLS_1_2 });
    this.#session.certificateManager = new PinnedCertificates(certificate);
    this.#session.initiateHandshake();
    this.#tcp = new TCP({
      address: options.address,
      port: options.port,
      nodelay: true,
      onReadable: (count) => this.readable(count),
      onWritable: (count) => this.writable(count),
      onError: () => this.fail("the connection broke"),
    });
    this.#reader = new RecordReader(this.#tcp);
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#later !== undefined) Timer.clear(this.#later);
    this.#later = undefined;
    this.#data = undefined;
    this.#tcp.close();
  }

  /** A byte in the format "number"; else `count` bytes, or all. Undefined where there is nothing. */
  read(count?: number): number | ArrayBufferLike | undefined {
    const data = this.#data;
    if (data === undefined) return undefined;
    const at = this.#at;
    const length = this.format === "number" ? 1 : (count ?? data.length - at);
    if (!(length >= 0 && at + length <= data.length)) throw new RangeError(`count: ${length} bytes`);
    this.consume(length);
    return this.format === "number" ? (data[at] as number) : data.slice(at, at + length).buffer;
  }

  /** Returns the bytes that may be written now. With `more` they go when the last are written; the first say `byteLength`, of all. */
  write(data: Uint8Array, options?: { readonly more?: boolean; readonly byteLength?: number }): number {
    if (!this.#isReady || this.#isOver) throw new Error("the socket is not open");
    this.#session.write(this.#carrier, data, options);
    this.#pending = options?.more === true ? this.#pending + data.length : 0;
    const room = this.#carrier.writable - this.#pending - OVERHEAD;
    return room > 0 ? room : 0;
  }

  /** For the session. */
  private send(packet: Uint8Array): number {
    return (this.#tcp.write(packet) as unknown as number | undefined) ?? 0;
  }

  private consume(count: number): void {
    this.#at += count;
    if (this.#data === undefined || this.#at < this.#data.length) return;
    this.#data = undefined;
    this.#later ??= Timer.set(() => {
      this.#later = undefined;
      this.pump();
    }, 0);
  }

  private readable(count: number): void {
    this.#reader.available = count;
    this.pump();
  }

  private writable(count: number): void {
    if (this.#isOver) return;
    try {
      this.#carrier.writable = count;
      if (!this.#isBegun) this.advance();
      else if (this.#isReady) this.offer();
    } catch (error) {
      this.fail(String(error));
    }
  }

  /** Takes records until there is something to read. */
  private pump(): void {
    try {
      while (!this.#isOver && this.#data === undefined) {
        const record = this.#reader.next();
        if (record === undefined) return;
        const session = this.#session;
        this.#guard.check(record, session, this.#isReady);
        recordProtocol.unpacketize(session, record);
        if (session.alert !== undefined) throw new Error(`alert ${session.alert.description}`);
        if (this.#isReady) this.take();
        else this.advance();
      }
    } catch (error) {
      this.fail(String(error));
    }
  }

  private advance(): void {
    const session = this.#session;
    this.#isBegun = true;
    if (!session.handshake(this.#carrier)) return;
    // The SDK says so, too, when it gave up, and would go on without a cipher.
    if (session.alert !== undefined || session.clientCipher === null || session.serverCipher === null)
      throw new Error("the host did not agree to TLS 1.2");
    this.#isReady = true;
    this.offer();
  }

  private offer(): void {
    const room = this.#carrier.writable - OVERHEAD;
    if (room > 0) this.#options.onWritable(room);
  }

  private take(): void {
    const data = this.#session.applicationData;
    if (data === undefined) return;
    delete this.#session.applicationData;
    const bytes = new Uint8Array(data.buffer, data.position, data.end - data.position);
    if (bytes.length === 0) return;
    this.#data = bytes;
    this.#at = 0;
    this.#options.onReadable(bytes.length);
  }

  private fail(reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#options.onError(`TLS: ${reason}`);
  }
}
