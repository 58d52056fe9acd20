import { hex, unhex } from "../../agent/cose/kid.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import { EnrolmentBook, type Outcome } from "../enrolment/book.js";
import type { BookDevice } from "../enrolment/book-device.js";
import type { KeyReader } from "../ports/keys.js";
import type { Description } from "./description.js";
import type { DeviceParts, DeviceState } from "./device-state.js";

/** What statements are read with. */
export interface StatementReaders {
  readonly checker: SignatureChecker;
  readonly keys: KeyReader;
}

/**
 * The devices that owners' statements change. What is in force stays; of what is new, the rules of
 * the book decide, whatever came first; what they refuse, or what follows a statement that nobody
 * named, changes nothing.
 */
export function applyStatements(
  devices: ReadonlyMap<string, DeviceState>,
  statements: readonly Uint8Array[],
  description: Description,
  readers: StatementReaders,
): DeviceParts[] {
  const touched = new Set<string>();
  const documents = new Map<string, Uint8Array>();
  const note = (document: Uint8Array, outcome: Outcome) => {
    if (outcome.type === "refused") return;
    touched.add(outcome.device);
    documents.set(outcome.id, document);
  };
  const { network, owners: named } = description;
  const owners = named === "any" ? named : new Set(named);
  const bookOf = () => new EnrolmentBook({ network, owners, ...readers, released: note });
  // The devices that they name are known when each was read once.
  const reader = bookOf();
  for (const document of statements) note(document, reader.receive(document));

  const book = bookOf();
  for (const kid of touched)
    for (const { id, document } of devices.get(kid)?.statements ?? []) {
      documents.set(hex(id), document);
      book.receive(document);
    }
  book.settle();
  for (const document of statements) note(document, book.receive(document));
  return [...touched].flatMap((kid) => {
    const device = book.device(kid);
    return device === undefined ? [] : [partsOf(kid, device, documents, devices.get(kid))];
  });
}

function partsOf(
  kid: string,
  device: BookDevice,
  documents: ReadonlyMap<string, Uint8Array>,
  before: DeviceState | undefined,
): DeviceParts {
  const { did, site, since, sensors, formerly, configurations, absences, tenures } = device;
  const publicKey = device.publicKey.slice();
  return {
    kid,
    enrolled: { did, site, since, publicKey, sensors, formerly, configurations, absences },
    tenures,
    statements: device.entries.map(({ id }) => ({
      id: unhex(id),
      document: documents.get(id) as Uint8Array,
    })),
    floor: before?.floor,
    barred: before?.barred ?? [],
    epochs: before?.epochs ?? [],
  };
}
