import { hex, kidOfKey } from "../../../agent/cose/kid.js";
import { didOfKey } from "../../../agent/frame/identity.js";
import type { Signer } from "../../../agent/ports/signer.js";
import { writeStatement } from "../../../agent/provision/statement.js";
import { type BookInit, EnrolmentBook } from "../../../network/enrolment/book.js";
import { ownersChallenge } from "../../../network/enrolment/owners-challenge.js";
import { readStatementClaim } from "../../../network/enrolment/read-statement.js";
import {
  acceptMove,
  type Unsigned,
  writeRegistryStatement,
} from "../../../network/enrolment/write-statement.js";
import { createSigner, keyReader, signatureChecker } from "../../../node/ports/signer.js";

/** Day 0 of these tests: Unix seconds. */
export const START = 1_795_000_000;
export const DAY = 86_400;

export const keyOf = (seed: number): Signer => createSigner(new Uint8Array(32).fill(seed));
export const [alice, bob, mallory] = [keyOf(101), keyOf(102), keyOf(103)] as [Signer, Signer, Signer];
export const didOf = (signer: Signer): string => didOfKey(signer.publicKey);
export const kidOf = (signer: Signer): string => hex(kidOfKey(signer.publicKey, signer));

export const SENSORS = [{ name: "temperature", unit: "Cel", min: -40, max: 85, cadence: 60 }];
const NOBODY = new Uint8Array(0);
const STANDING = { owner: NOBODY, ownership: NOBODY, session: new Uint8Array(8) };

/** A device's own statement, over the challenge of `owner`; or over another. */
export function proofOf(
  device: Signer,
  owner: Signer,
  given: { readonly network?: string; readonly challenge?: Uint8Array } = {},
): Uint8Array {
  const kid = kidOfKey(device.publicKey, device);
  const identity = {
    did: didOf(device),
    kid,
    device: hex(kid),
    network: given.network ?? "demo",
    firmware: "fieldmark",
    version: "0.1.0",
    chip: "ESP32-C3",
    model: "bench",
    quantities: [{ name: "temperature", unit: "Cel", interval: 60_000 }],
    configuration: "c0f1c0f1c0f1c0f1",
  };
  const nonce = new Uint8Array(16).fill(7);
  const challenge = given.challenge ?? ownersChallenge(nonce, owner.publicKey, owner);
  return writeStatement(identity, STANDING, challenge, device);
}

type Part<K extends Unsigned["kind"]> = Partial<Omit<Extract<Unsigned, { kind: K }>, "kind">>;

export function enrolOf(device: Signer, owner: Signer, given: Part<"enrol"> = {}): Uint8Array {
  return writeRegistryStatement(
    {
      kind: "enrol",
      network: "demo",
      device: device.publicKey,
      previous: NOBODY,
      date: START,
      place: { site: "roof" },
      proof: proofOf(device, owner),
      sensors: SENSORS,
      configurations: ["c0f1c0f1c0f1c0f1"],
      ...given,
    },
    owner,
  );
}

/** After the statement `before`, a day later than START where nothing else is said. */
export function endOf(
  device: Signer,
  owner: Signer,
  before: Uint8Array,
  given: Part<"end"> = {},
): Uint8Array {
  const previous = idOf(before);
  const said = { network: "demo", device: device.publicKey, previous, date: START + DAY, ...given };
  return writeRegistryStatement({ kind: "end", ...said }, owner);
}

export function moveOf(
  device: Signer,
  owner: Signer,
  before: Uint8Array,
  given: Part<"move"> = {},
): Uint8Array {
  return writeRegistryStatement(
    {
      kind: "move",
      network: "demo",
      device: device.publicKey,
      previous: idOf(before),
      date: START + DAY,
      place: { site: "cellar" },
      newOwner: NOBODY,
      ...given,
    },
    owner,
  );
}

/** From one owner to the other, with both signatures. */
export const saleOf = (
  device: Signer,
  from: Signer,
  to: Signer,
  before: Uint8Array,
  given: Part<"move"> = {},
) => acceptMove(moveOf(device, from, before, { newOwner: to.publicKey, ...given }), to);

/** As the next statement names it. */
export function idOf(document: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.from(readStatementClaim(document, signatureChecker).id, "hex"));
}

export function createBook(given: Partial<BookInit> = {}): EnrolmentBook {
  return new EnrolmentBook({
    network: "demo",
    owners: "any",
    checker: signatureChecker,
    keys: keyReader,
    ...given,
  });
}

/** What became of each: the type, and the code where it was refused. */
export function outcomes(book: EnrolmentBook, ...documents: readonly Uint8Array[]): string[] {
  return documents.map((document) => {
    const outcome = book.receive(document);
    return outcome.type === "refused" ? outcome.code : outcome.type;
  });
}

/** All that a book says of its devices, to be compared. */
export function stateOf(book: EnrolmentBook): unknown[] {
  return [...book.kids()].sort().map((kid) => {
    const device = book.device(kid);
    if (device === undefined) throw new Error("a kid without a device");
    const { did, owner, place, since, configurations, absences, formerly, tenures, publicKey } = device;
    const sensors = [...device.sensors.values()];
    const former = formerly?.map(({ until, sensors: of }) => [until, [...of.values()]]);
    const last = device.entries.map(({ id }) => id);
    return {
      kid,
      did,
      owner,
      place,
      since,
      configurations,
      absences,
      former,
      tenures,
      sensors,
      last,
      publicKey,
    };
  });
}
