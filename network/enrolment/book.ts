import { isSameBytes, kidOfKey } from "../../agent/cose/kid.js";
import { didOfKey } from "../../agent/frame/identity.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import { readStatement } from "../../agent/provision/read-statement.js";
import { hexText } from "../bytes.js";
import type { KeyReader } from "../ports/keys.js";
import { compressed } from "../verify/memory-registry.js";
import type { Registry } from "../verify/registry.js";
import { BookDevice } from "./book-device.js";
import type { Entry } from "./history.js";
import { isOwnersChallenge } from "./owners-challenge.js";
import { Points } from "./points.js";
import { checkSignatures, isRefusal, readStatementClaim, type StatementClaim } from "./read-statement.js";
import { Refusal, type RefusalCode, under } from "./refusal.js";
import { Shared } from "./shared.js";
import type { EnrolStatement, RegistryStatement } from "./statement.js";
import { Waiting } from "./waiting.js";

/** Devices in a book, and statements about one of them, at most. */
const MOST_DEVICES = 1_000_000;
const MOST_STATEMENTS = 256;

/** What became of a statement. `device`: its kid in hex. */
export type Outcome =
  /** It is in force. `displaced`: so many that were, are not: it comes first in their place. */
  | {
      readonly type: "entered";
      readonly id: string;
      readonly device: string;
      readonly kind: RegistryStatement["kind"];
      readonly displaced: number;
    }
  /** It was entered before. */
  | { readonly type: "known"; readonly id: string; readonly device: string }
  /** For the statement of this id, which has not come. */
  | { readonly type: "waits"; readonly id: string; readonly device: string; readonly previous: string }
  | { readonly type: "refused"; readonly code: RefusalCode; readonly reason: string };

export interface BookInit {
  readonly network: string;
  /** Who may enrol devices here: did:key; or whoever wants to. */
  readonly owners: ReadonlySet<string> | "any";
  readonly checker: SignatureChecker;
  readonly keys: KeyReader;
  /** Told of what waited, once what it waited for was entered. */
  readonly released?: ((document: Uint8Array, outcome: Outcome) => void) | undefined;
}

/**
 * The registry as owners have signed it. Statements come in any order, and as often as one likes:
 * which devices there are, and what they may say, follows from the set of them alone. So it does
 * not matter who brings them.
 *
 * Each names the one that it follows, so that an old one changes nothing. Where several follow the
 * same one, or several first ones have the same kid, the earliest stands: by its date, then by its
 * id. Since a date is its signer's word, what all agree on can be settled: then it stays.
 */
export class EnrolmentBook implements Registry {
  readonly #init: BookInit;
  readonly #devices = new Map<string, BookDevice>();
  readonly #waiting = new Waiting();
  readonly #shared = new Shared();
  readonly #points = new Points();

  constructor(init: BookInit) {
    this.#init = init;
  }

  get network(): string {
    return this.#init.network;
  }

  get size(): number {
    return this.#devices.size;
  }

  /** Statements whose predecessor has not come. */
  get waiting(): number {
    return this.#waiting.size;
  }

  kids(): Iterable<string> {
    return this.#devices.keys();
  }

  device(kid: string): BookDevice | undefined {
    return this.#devices.get(kid);
  }

  /** What is in force now is not displaced by anything that comes, however it is dated. */
  settle(): void {
    for (const device of this.#devices.values()) device.settled = device.entries.length;
  }

  /** Takes a statement, whoever brings it. Keeps no part of `document`. Never throws. */
  receive(document: Uint8Array): Outcome {
    const outcome = this.#receive(document);
    const entered = outcome.type === "entered" ? [outcome.id] : [];
    for (const id of entered)
      for (const behind of this.#waiting.take(id)) {
        const later = this.#receive(behind);
        if (later.type === "entered") entered.push(later.id);
        this.#init.released?.(behind, later);
      }
    return outcome;
  }

  #receive(document: Uint8Array): Outcome {
    try {
      return this.#enter(document);
    } catch (error) {
      if (error instanceof Refusal) return { type: "refused", code: error.code, reason: error.message };
      if (!isRefusal(error)) throw error;
      return { type: "refused", code: "malformed", reason: error.message };
    }
  }

  #enter(document: Uint8Array): Outcome {
    const { checker } = this.#init;
    const claim = readStatementClaim(document, checker);
    const { statement, id } = claim;
    const kid = hexText(kidOfKey(statement.device, checker));
    const device = this.#devices.get(kid);
    if (device?.entries.some((entry) => entry.id === id)) return { type: "known", id, device: kid };
    this.#check(document, claim);
    const isFirst = statement.previous.length === 0;
    const previous = hexText(statement.previous);
    const index = isFirst ? 0 : 1 + (device?.entries.findIndex((entry) => entry.id === previous) ?? -1);
    if (!isFirst && index === 0) {
      this.#waiting.add(id, previous, document);
      return { type: "waits", id, device: kid, previous };
    }
    if (!isFirst) checkFollows(device as BookDevice, index, statement);
    if (device === undefined) this.#add(kid, statement, id);
    const displaced = device === undefined ? 0 : this.#contest(device, index, statement, id);
    return { type: "entered", id, device: kid, kind: statement.kind, displaced };
  }

  /** All that can be said of a statement without knowing another one. */
  #check(document: Uint8Array, claim: StatementClaim): void {
    const { network, checker } = this.#init;
    const { statement, isAccepted } = claim;
    if (statement.network !== network)
      throw new Refusal("wrong-network", `it is for another network than ${network}`);
    this.#checkOwner(statement.owner);
    under("bad-signature", () => checkSignatures(document, claim, checker));
    if (statement.kind === "enrol") under("bad-proof", () => this.#checkProof(statement));
    if (statement.kind !== "move" || statement.newOwner.length === 0) return;
    if (!isAccepted) throw new Refusal("not-accepted", "its new owner has not signed that it is accepted");
    this.#checkOwner(statement.newOwner);
  }

  #checkOwner(key: Uint8Array): void {
    const { owners } = this.#init;
    if (owners !== "any" && !owners.has(didOfKey(key)))
      throw new Refusal("unknown-owner", `${didOfKey(key)} is none of the owners who may enrol here`);
  }

  #checkProof({ proof, device, owner, network }: EnrolStatement): void {
    const { checker } = this.#init;
    const said = readStatement(proof, checker);
    if (!isSameBytes(said.publicKey, device)) throw new Refusal("bad-proof", "it is another device's");
    if (said.network !== network) throw new Refusal("bad-proof", "the device signs for another network");
    if (!isOwnersChallenge(said.challenge, owner, checker))
      throw new Refusal("bad-proof", "the device did not make it for this owner");
  }

  #add(kid: string, statement: RegistryStatement, id: string): void {
    if (this.#devices.size >= MOST_DEVICES)
      throw new Refusal("full", `the book has ${MOST_DEVICES} devices already`);
    const at = this.#points.add(this.#pointOf(statement));
    this.#devices.set(kid, new BookDevice(this.#points, at, this.#shared.entryOf(statement, id)));
  }

  /**
   * Puts a statement where it belongs, unless another one stands there by right. Returns how many
   * it displaces.
   */
  #contest(device: BookDevice, index: number, statement: RegistryStatement, id: string): number {
    const { entries, settled } = device;
    const rival = entries[index];
    if (rival !== undefined && (index < settled || !isBefore(statement.date, id, rival)))
      throw rivalry(device, index, statement, rival);
    const point = this.#pointOf(statement);
    const entry = this.#shared.entryOf(statement, id);
    if (isSameBytes(point, device.publicKey)) device.put(index, entry);
    else device.replace(point, entry);
    return entries.length - index;
  }

  #pointOf({ device }: RegistryStatement): Uint8Array {
    const point = this.#init.keys.uncompressed(device);
    if (point === undefined) throw new Refusal("bad-proof", "the device's key is not a point of secp256k1");
    return point;
  }
}

/** Throws Refusal where this device's owner cannot say this after the statement before `index`. */
function checkFollows(device: BookDevice, index: number, statement: RegistryStatement): void {
  const before = device.entries.slice(0, index);
  const last = before[index - 1] as Entry;
  if (!isSameBytes(compressed(device.publicKey), statement.device))
    throw new Refusal("kid-taken", "it follows a statement about another device");
  if (!isSameBytes(last.owner.key, statement.owner))
    throw new Refusal("not-owner", `the device is ${last.owner.did}'s`);
  if (statement.date <= last.date)
    throw new Refusal("not-later", "it is not dated after the statement that it follows");
  const [lastKind] = before.flatMap(({ kind }) => (kind === "move" ? [] : [kind])).reverse();
  if (statement.kind === "end" && lastKind === "end")
    throw new Refusal("ended", "the device is ended already");
  if (index >= MOST_STATEMENTS)
    throw new Refusal("full", `there are ${MOST_STATEMENTS} statements about the device already`);
}

function isBefore(date: number, id: string, other: Entry): boolean {
  return date === other.date ? id < other.id : date < other.date;
}

function rivalry(device: BookDevice, index: number, statement: RegistryStatement, rival: Entry): Refusal {
  if (index === 0 && !isSameBytes(compressed(device.publicKey), statement.device))
    return new Refusal("kid-taken", `its kid is that of ${device.did}, which was enrolled first`);
  if (index === 0 && !isSameBytes((device.entries[0] as Entry).owner.key, statement.owner))
    return new Refusal("not-owner", "another owner enrolled the device first");
  return new Refusal(
    "contradiction",
    `its owner has said something else in this place, which stands: statement ${rival.id}`,
  );
}
