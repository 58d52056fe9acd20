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

/** Statements about one device, at most. */
const MOST_STATEMENTS = 256;
/** Bytes of all statements in force: some 300,000 devices, with what owners usually say. */
const MOST_BYTES = 256 << 20;

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
  /** Bytes of statements that may be in force; left out: 256 MiB. */
  readonly room?: number | undefined;
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
  /** Of all statements that are in force. */
  #bytes = 0;

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
    const { room = MOST_BYTES } = this.#init;
    if (this.#bytes + document.length > room)
      throw new Refusal("full", `there are ${room} bytes of statements in force at most`);
    if (device !== undefined) checkRival(device, index, statement, id);
    const point = this.#pointOf(statement);
    // Nothing of what is refused is kept: whoever signs can sign without end.
    const entry = this.#shared.entryOf(statement, id, document.length);
    const displaced = device?.entries.slice(index) ?? [];
    if (device === undefined)
      this.#devices.set(kid, new BookDevice(this.#points, this.#points.add(point), entry));
    else if (isSameBytes(point, device.publicKey)) device.put(index, entry);
    else device.replace(point, entry);
    this.#bytes += displaced.reduce((sum, { bytes }) => sum - bytes, entry.bytes);
    return { type: "entered", id, device: kid, kind: statement.kind, displaced: displaced.length };
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

  #pointOf({ device }: RegistryStatement): Uint8Array {
    const point = this.#init.keys.uncompressed(device);
    if (point === undefined) throw new Refusal("bad-proof", "the device's key is not a point of secp256k1");
    return point;
  }
}

/** Throws Refusal where another statement stands in this place by right. */
function checkRival(device: BookDevice, index: number, statement: RegistryStatement, id: string): void {
  const rival = device.entries[index];
  if (rival === undefined) return;
  const isEarlier = statement.date === rival.date ? id < rival.id : statement.date < rival.date;
  if (index < device.settled || !isEarlier) throw rivalry(device, index, statement, rival);
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
