import { createHash, randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import type { KeyValue } from "../agent/ports/key-value.js";
import { acquireLock } from "../network/lock.js";
import { createFileKeyValue, createMemoryKeyValue, makeFolder } from "./ports/key-value.js";
import { createSigner, isPrivateKey, newPrivateKey } from "./ports/signer.js";

/** What makes a simulated board the same board in its next run. */
export interface Identity {
  readonly name: string;
  readonly privateKey: Uint8Array;
  /** 33 bytes, compressed. */
  readonly publicKey: Uint8Array;
  readonly store: KeyValue;
}

export interface IdentityOptions {
  readonly seed?: string | undefined;
  /** Folder in which boards keep their keys and boot counters from run to run. */
  readonly state?: string | undefined;
}

/** Four letters that name a network of its own for each run, so that runs on one broker do not meet. */
export function runNetwork(seed: string | undefined): string {
  const bytes = seed === undefined ? randomBytes(4) : createHash("sha256").update(`network ${seed}`).digest();
  return String.fromCharCode(...bytes.subarray(0, 4).map((byte) => 97 + (byte % 26)));
}

/**
 * Makes this run the only one with the boards of its state folder: two would sign different frames under one boot and
 * sequence. To be called before `createIdentities`; returns what gives the folder back. Throws RangeError where
 * another run has it.
 */
export function lockIdentities({ state }: IdentityOptions): () => void {
  if (state === undefined) return () => {};
  makeFolder(resolve(state));
  return acquireLock(join(state, "boards"));
}

/** `count` boards: kept in the state folder, or made from the seed, or at random for this run only. */
export function createIdentities(count: number, options: IdentityOptions): Identity[] {
  const identities: Identity[] = [];
  for (let i = 0; i < count; i++) {
    const name = `board-${String(i + 1).padStart(4, "0")}`;
    const store = options.state
      ? createFileKeyValue(join(options.state, name))
      : shortLivedStore(options.seed);
    const privateKey = keptKey(store) ?? makeKey(store, name, options.seed);
    identities.push({ name, privateKey, publicKey: createSigner(privateKey).publicKey, store });
  }
  return identities;
}

function keptKey(store: KeyValue): Uint8Array | undefined {
  const kept = store.get("key");
  if (kept !== undefined && !isPrivateKey(kept))
    throw new RangeError("the state folder holds a key that is none");
  return kept;
}

function makeKey(store: KeyValue, name: string, seed: string | undefined): Uint8Array {
  let round = 0;
  const privateKey =
    seed === undefined
      ? newPrivateKey()
      : newPrivateKey(() => createHash("sha256").update(`key ${name} ${seed} ${round++}`).digest());
  store.set("key", privateKey);
  return privateKey;
}

/**
 * A seed makes the same keys again in the next run, which keeps nothing of this one. Counting boots in seconds since
 * 1970 keeps their promise all the same from run to run: no boot and sequence is signed twice with different bytes.
 * Runs that start in one second share their numbers, too. Milliseconds would part them and cost 4 bytes a frame: from
 * the 257th frame of a boot on, one with one reading would go over 168 bytes.
 */
function shortLivedStore(seed: string | undefined): KeyValue {
  const store = createMemoryKeyValue();
  if (seed !== undefined) {
    const boots = new Uint8Array(5);
    boots[0] = 0x1a; // CBOR: an unsigned integer in 4 bytes
    new DataView(boots.buffer).setUint32(1, Math.floor(Date.now() / 1000));
    store.set("boot", boots);
  }
  return store;
}
