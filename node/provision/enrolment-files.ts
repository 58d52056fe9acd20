import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isSameBytes, unhex } from "../../agent/cose/kid.js";
import { didOfKey, keyOfDid } from "../../agent/frame/identity.js";
import { InputError } from "../../agent/input-error.js";
import type { Signer } from "../../agent/ports/signer.js";
import { readStatement } from "../../agent/provision/read-statement.js";
import { EnrolmentBook } from "../../network/enrolment/book.js";
import type { BookDevice } from "../../network/enrolment/book-device.js";
import { isOwnersChallenge } from "../../network/enrolment/owners-challenge.js";
import { readStatementClaim } from "../../network/enrolment/read-statement.js";
import { ENROLMENT_SUFFIX, splitDocuments } from "../../network/enrolment/sequence.js";
import type { Place } from "../../network/enrolment/statement.js";
import { type Unsigned, writeRegistryStatement } from "../../network/enrolment/write-statement.js";
import { type EnrolledDevice, isEnded } from "../../network/verify/registry.js";
import { replaceFile } from "../files.js";
import { keyReader, signatureChecker } from "../ports/signer.js";

/** The folder of owners' statements that belongs to a registry file: `registry.enrolments`. */
export const enrolmentsBeside = (registry: string): string => `${registry.replace(/\.json$/, "")}.enrolments`;

/** A device's file in such a folder. */
export const enrolmentFile = (folder: string, kid: string): string =>
  join(folder, `${kid}${ENROLMENT_SUFFIX}`);

/** All that owners said about one device, as a file has it. */
export interface Chain {
  readonly documents: readonly Uint8Array[];
  readonly device: BookDevice;
}

/** Reads a device's file. Throws InputError where something in it is not in force. */
export function readChain(file: string): Chain {
  return chainOf(splitFile(file), file);
}

/** The documents of a file, unchecked. Throws InputError where there is something else in it. */
export function splitFile(file: string): readonly Uint8Array[] {
  const bytes = Uint8Array.from(readFileSync(file));
  const { documents, end } = splitDocuments(bytes);
  if (end < bytes.length || documents.length === 0)
    throw new InputError(`${file} is no file of statements about a device, from byte ${end} on`);
  return documents;
}

/** `documents` are of one device, in their order. Throws InputError, which names `file`. */
export function chainOf(documents: readonly Uint8Array[], file: string): Chain {
  const { network } = readStatementClaim(documents[0] as Uint8Array, signatureChecker).statement;
  const book = new EnrolmentBook({ network, owners: "any", checker: signatureChecker, keys: keyReader });
  for (const document of documents) {
    const outcome = book.receive(document);
    if (outcome.type !== "entered")
      throw new InputError(
        `${file}: ${outcome.type === "refused" ? outcome.reason : "statements are missing, or stand twice"}`,
      );
  }
  const [kid, ...others] = book.kids();
  const device = book.device(kid as string);
  if (device === undefined || others.length > 0) throw new InputError(`${file} is of several devices`);
  return { documents, device };
}

/** Makes these the statements of a device, durably. */
export function writeChain(file: string, documents: readonly Uint8Array[]): void {
  replaceFile(file, Buffer.concat(documents), 0o644);
}

export interface EnrolmentToSign {
  readonly folder: string;
  readonly network: string;
  /** As it goes into the registry file; `enrolled` is the date. */
  readonly device: EnrolledDevice;
  /** The kid in hex. */
  readonly kid: string;
  /** The board's own statement. */
  readonly proof: Uint8Array;
  readonly owner: Signer;
}

/**
 * The owner's statement of an enrolment, signed but not written yet: `write` does that, and returns
 * the file. Undefined where the board did not make its own statement for this owner: then it cannot
 * be signed for witnesses. One that says nothing new is not signed again. Throws InputError where
 * the device is another owner's, or something cannot be said in a statement.
 */
export function signEnrolment(given: EnrolmentToSign): { write(): string } | undefined {
  const { folder, network, device, kid, proof, owner } = given;
  const { challenge } = readStatement(proof, signatureChecker);
  if (!isOwnersChallenge(challenge, owner.publicKey, signatureChecker)) return undefined;
  const file = enrolmentFile(folder, kid);
  const chain = existsSync(file) ? readChain(file) : undefined;
  const write = (more: readonly Uint8Array[]) => () => {
    mkdirSync(folder, { recursive: true });
    if (more.length > 0) writeChain(file, [...(chain?.documents ?? []), ...more]);
    return file;
  };
  const { sensors, configurations = [] } = device;
  const place = placeOf(device);
  const isOwners = chain?.device.owner === didOfKey(owner.publicKey);
  if (isOwners && isSaid(chain.device, { place, sensors, configurations })) return { write: write([]) };
  const unsigned: Unsigned = {
    kind: "enrol",
    network,
    device: keyOfDid(device.did),
    ...following(chain, Math.floor(Date.parse(device.enrolled ?? "") / 1000)),
    place,
    proof,
    sensors,
    configurations: [...configurations].sort(),
  };
  return { write: write([signNext(chain, unsigned, owner, file)]) };
}

/**
 * What a statement that comes after all of `chain` names, dated `date` (Unix seconds) or just after
 * the last.
 */
export function following(chain: Chain | undefined, date: number): { previous: Uint8Array; date: number } {
  const last = chain?.device.entries[chain.device.entries.length - 1];
  if (last === undefined) return { previous: new Uint8Array(0), date };
  return { previous: unhex(last.id), date: Math.max(date, last.date + 1) };
}

/** Signs the next statement of a device. Throws InputError where it is not this owner's. */
export function signNext(chain: Chain | undefined, said: Unsigned, owner: Signer, file: string): Uint8Array {
  if (chain !== undefined && !isSameBytes(keyOfDid(chain.device.owner), owner.publicKey))
    throw new InputError(`${file}: the device is ${chain.device.owner}'s, which is another key`);
  const document = writeRegistryStatement(said, owner);
  const isOffer = said.kind === "move" && said.newOwner.length > 0;
  if (!isOffer) chainOf([...(chain?.documents ?? []), document], file);
  return document;
}

/** To a hundredth of a metre: a statement has at most 9 decimal places. */
export function placeOf({ site, name, position }: Place): Place {
  const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
  return {
    site,
    ...(name !== undefined && { name }),
    ...(position !== undefined && {
      position: {
        lat: rounded(position.lat, 7),
        lon: rounded(position.lon, 7),
        ...(position.alt !== undefined && { alt: rounded(position.alt, 2) }),
      },
    }),
  };
}

/** Whether the device is enrolled so now. */
function isSaid(
  device: BookDevice,
  next: Pick<EnrolledDevice, "sensors"> & { place: Place; configurations: readonly string[] },
): boolean {
  const { place, sensors, configurations } = device;
  const text = ({ site, name, position }: Place, of: readonly EnrolledDevice["sensors"][number][]) =>
    JSON.stringify([
      site,
      name,
      position?.lat,
      position?.lon,
      position?.alt,
      of.map(({ name: sensor, unit, min, max, cadence }) => [sensor, unit, min, max, cadence]),
    ]);
  return (
    !isEnded(device) &&
    text(place, [...sensors.values()]) === text(next.place, next.sensors) &&
    next.configurations.every((one) => configurations.includes(one))
  );
}
