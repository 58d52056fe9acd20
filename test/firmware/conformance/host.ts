import * as native from "../../../firmware/ports/native.js";
import type { Host } from "../../../host-sim/engines/xs/board/host.js";

/** One message that the board sent, as test/host-sim/engines/xs/virtual-board.ts writes it. */
export type Said = (kind: number, id: number, bytes: Uint8Array) => void;

/** What a run gives its board's host. */
export class ConformanceHost {
  uptime = 0;
  said: Said = () => {};
  readonly flash: Uint8Array;
  readonly sectorBytes: number;
  readonly #seed: Uint8Array;
  #count = 0;

  constructor(seed: Uint8Array, flash: { readonly size: number; readonly sectorBytes: number }) {
    this.#seed = seed;
    this.flash = new Uint8Array(flash.size).fill(0xff);
    this.sectorBytes = flash.sectorBytes;
  }

  /**
   * xs-host's dice (host-sim/engines/xs/native/random.c): SHA-256 of the seed and a counter of 8
   * bytes, little-endian.
   */
  random(into: Uint8Array): void {
    const block = new Uint8Array(40);
    const digest = new Uint8Array(32);
    block.set(this.#seed);
    const counter = new DataView(block.buffer, 32);
    for (let at = 0; at < into.length; at += 32) {
      counter.setUint32(0, this.#count++, true);
      native.sha256(block, digest, 0);
      into.set(digest.subarray(0, into.length - at), at);
    }
  }
}

/**
 * The `host` of host-sim/engines/xs/board/host.ts, made of the firmware's own signer and hash.
 * `state` may be set later: the board's modules only need the object to be there when they are
 * loaded.
 */
export const state: { current: ConformanceHost } = {
  current: new ConformanceHost(new Uint8Array(32), { size: 0, sectorBytes: 1 }),
};

function bytesOf(part: Uint8Array | number): Uint8Array {
  if (typeof part !== "number") return part;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, part, true);
  return bytes;
}

const host: Host = {
  sign: (digest: Uint8Array, into: Uint8Array, at: number) => native.sign(digest, into, at),
  publicKey: (into: Uint8Array) => native.publicKey(into),
  sha256: (data: Uint8Array, into: Uint8Array, at: number) => native.sha256(data, into, at),
  verify: (signature: Uint8Array, digest: Uint8Array, key: Uint8Array) =>
    native.verify(signature, digest, key),
  random: (into: Uint8Array) => state.current.random(into),
  uptime: () => state.current.uptime,
  text(bytes: Uint8Array): string {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return text;
  },
  double: (bytes: Uint8Array, at: number) =>
    new DataView(bytes.buffer, bytes.byteOffset).getFloat64(at, true),
  send(kind: number, id: number, ...parts: (Uint8Array | number)[]): void {
    const all = parts.map(bytesOf);
    const bytes = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of all) {
      bytes.set(part, at);
      at += part.length;
    }
    state.current.said(kind, id, bytes);
  },
  call(): number {
    throw new Error("nobody answers while the board waits");
  },
  flashRead(address: number, into: Uint8Array): void {
    into.set(state.current.flash.subarray(address, address + into.length));
  },
  flashProgram(address: number, bytes: Uint8Array): void {
    const { flash } = state.current;
    for (let i = 0; i < bytes.length; i++)
      flash[address + i] = (flash[address + i] as number) & (bytes[i] as number);
  },
  flashErase(address: number): void {
    const { flash, sectorBytes } = state.current;
    flash.fill(0xff, address, address + sectorBytes);
  },
  serialWrite(): void {
    throw new Error("nobody holds a wire");
  },
};

Object.assign(globalThis, { host });
