import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readBootRecord } from "../../agent/boot-record.js";
import { isSameBytes, kidOfKey } from "../../agent/cose/kid.js";
import { isNetworkName } from "../../agent/frame/name.js";
import { InputError } from "../../agent/input-error.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import { compressed } from "../../network/verify/memory-registry.js";
import { replaceFile } from "../../node/files.js";
import { acquireLock } from "../../node/lock.js";
import { createFileKeyValue, makeFolder } from "../../node/ports/key-value.js";
import { ShortLivedStore } from "../../node/ports/short-lived-store.js";
import { hasher, isPrivateKey, newPrivateKey } from "../../node/ports/signer.js";
import { publicKeyOf } from "../../node/secp256k1.js";
import { readTextFile } from "../../node/text-file.js";
import { JOURNAL } from "./flashes.js";

const PRIVATE_KEY = 32;
/** File of a state folder: the network that its boards signed for last. */
const NETWORK = "network";
/** A public key, uncompressed (SEC 1). */
const POINT = 65;

/** What makes a simulated board the same board in its next run. */
export interface Identity {
  readonly name: string;
  readonly privateKey: Uint8Array;
  /** 33 bytes, compressed. */
  readonly publicKey: Uint8Array;
  /** The same point uncompressed, 65 bytes. */
  readonly point: Uint8Array;
  readonly store: KeyValue<string>;
}

export interface IdentityOptions {
  readonly seed?: string | undefined;
  /** The seed is a new one, drawn for this run: no earlier run signed with its keys. */
  readonly isSeedDrawn?: boolean | undefined;
  /** Folder in which boards keep their keys and boot counters from run to run. */
  readonly state?: string | undefined;
}

/** Four letters that name a network of its own for each run, so that runs on one broker do not meet. */
export function runNetwork(seed: string | undefined): string {
  const bytes = seed === undefined ? randomBytes(4) : createHash("sha256").update(`network ${seed}`).digest();
  return String.fromCharCode(...bytes.subarray(0, 4).map((byte) => 97 + (byte % 26)));
}

/**
 * The network of the run before, in which frames that wait in the boards' journals were signed: in another one they would be
 * rejected. Undefined where there was none. Throws InputError where the file holds no network's name.
 */
export function keptNetwork(state: string | undefined): string | undefined {
  if (state === undefined || !existsSync(join(state, NETWORK))) return undefined;
  const name = readTextFile(join(state, NETWORK)).trim();
  if (isNetworkName(name)) return name;
  throw new InputError(
    `${join(state, NETWORK)}: not the name of a network; write it there, or give --network`,
  );
}

/**
 * Makes this run the only one with the boards of its state folder: two would sign different frames under one boot and
 * sequence. To be called before `createIdentities`; returns what gives the folder back. Throws InputError where
 * another run has it. `network`: is kept for the next run.
 */
export function lockIdentities({
  state,
  network,
}: IdentityOptions & { readonly network?: string }): () => void {
  if (state === undefined) return () => {};
  makeFolder(resolve(state));
  const release = acquireLock(join(state, "boards"));
  if (network !== undefined) replaceFile(join(state, NETWORK), `${network}\n`);
  return release;
}

/** `count` boards: kept in the state folder, or made from the seed, or at random for this run only. */
export function createIdentities(count: number, options: IdentityOptions): Identity[] {
  const { state, seed, isSeedDrawn = false } = options;
  const isSeedOld = seed !== undefined && !isSeedDrawn;
  const keys = new Uint8Array(PRIVATE_KEY * count);
  const points = new Uint8Array(POINT * count);
  const pool = seed === undefined && state === undefined ? randomBytes(PRIVATE_KEY * count) : undefined;
  return Array.from({ length: count }, (_, index) => {
    const name = `board-${String(index + 1).padStart(4, "0")}`;
    const store = state === undefined ? shortLivedStore(isSeedOld) : createFileKeyValue(join(state, name));
    const drawn = pool?.subarray(PRIVATE_KEY * index, PRIVATE_KEY * (index + 1));
    const kept = state === undefined ? undefined : keptKey(store);
    const privateKey = kept ?? (drawn !== undefined && isPrivateKey(drawn) ? drawn : makeKey(name, seed));
    if (state !== undefined) {
      checkOwner(join(state, name), store, privateKey, kept === undefined);
      if (kept === undefined) store.set("key", privateKey);
    }
    keys.set(privateKey, PRIVATE_KEY * index);
    points.set(publicKeyOf(privateKey, false), POINT * index);
    return new FleetIdentity(name, store, keys, points, index);
  });
}

/** Keys of all boards lie together: an array of its own for each key would take five times its bytes. */
class FleetIdentity implements Identity {
  readonly #keys: Uint8Array;
  readonly #points: Uint8Array;
  readonly #index: number;

  constructor(
    readonly name: string,
    readonly store: KeyValue<string>,
    keys: Uint8Array,
    points: Uint8Array,
    index: number,
  ) {
    this.#keys = keys;
    this.#points = points;
    this.#index = index;
  }

  get privateKey(): Uint8Array {
    return this.#keys.subarray(PRIVATE_KEY * this.#index, PRIVATE_KEY * (this.#index + 1));
  }

  get point(): Uint8Array {
    return this.#points.subarray(POINT * this.#index, POINT * (this.#index + 1));
  }

  get publicKey(): Uint8Array {
    return compressed(this.point);
  }
}

function keptKey(store: KeyValue<string>): Uint8Array | undefined {
  const kept = store.get("key");
  if (kept !== undefined && !isPrivateKey(kept))
    throw new InputError("the state folder holds something in the place of a key");
  return kept;
}

/** A new identity is never made silently beside another's boot counter or journal. Throws InputError that says what to do. */
function checkOwner(folder: string, store: KeyValue<string>, privateKey: Uint8Array, isMade: boolean): void {
  const { boot, kid } = readBootRecord(store);
  const its = kidOfKey(publicKeyOf(privateKey, true), hasher);
  if (kid === undefined ? !isMade || (boot === 0 && isBlank(join(folder, JOURNAL))) : isSameBytes(kid, its))
    return;
  const what = isMade
    ? "the board's key is missing, and its boot counter or journal is there"
    : "the key is not the one that its boot counter and journal belong to";
  throw new InputError(
    `${folder}: ${what}. Put the file "key" back; or delete the folder, and a new board starts in it, with a new identity`,
  );
}

/** Whether nothing was ever written to a journal. */
function isBlank(file: string): boolean {
  return !existsSync(file) || readFileSync(file).every((byte) => byte === 0xff);
}

function makeKey(name: string, seed: string | undefined): Uint8Array {
  let round = 0;
  return seed === undefined
    ? newPrivateKey()
    : newPrivateKey(() => createHash("sha256").update(`key ${name} ${seed} ${round++}`).digest());
}

/**
 * A seed makes the same keys again in the next run, which keeps nothing of this one. Counting boots in seconds since
 * 1970 keeps their promise all the same from run to run: no boot and sequence is signed twice with different bytes.
 * Runs that start in one second share their numbers, too. Milliseconds would part them and cost 4 bytes a frame: from
 * the 257th frame of a boot on, one with one reading would go over 168 bytes.
 */
function shortLivedStore(isSeedOld: boolean): KeyValue<string> {
  const store = new ShortLivedStore();
  if (isSeedOld) {
    const boots = new Uint8Array(5);
    boots[0] = 0x1a; // CBOR: an unsigned integer in 4 bytes
    new DataView(boots.buffer).setUint32(1, Math.floor(Date.now() / 1000));
    store.set("boot", boots);
  }
  return store;
}
