import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import type { Flash } from "../../../../agent/ports/flash.js";
import { createSigner, signatureChecker } from "../../../../node/ports/signer.js";

/** One message to a board, at an uptime in milliseconds. */
export interface Message {
  readonly uptime: number;
  readonly kind: number;
  readonly id: number;
  readonly bytes?: Uint8Array;
}

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
export function createV8Board(bundle: string, privateKey: Uint8Array, seed: Uint8Array, flash: Flash) {
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
    verify: (...given: Uint8Array[]) => {
      const [signature, digest, publicKey] = given.map((bytes) => Uint8Array.from(bytes));
      return signatureChecker.verify(signature as Uint8Array, digest as Uint8Array, publicKey as Uint8Array);
    },
    random,
    uptime: () => board.uptime,
    text: (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1"),
    flashRead: (address: number, into: Uint8Array) => flash.read(address, into),
    flashProgram: (address: number, bytes: Uint8Array) => flash.program(address, bytes),
    flashErase: (address: number) => flash.erase(address),
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
