import { sha256 } from "@noble/hashes/sha2.js";
import { hex } from "../../agent/cose/kid.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import { decodeText } from "../../text/decode.js";
import { parseJson } from "../../text/json-text.js";
import { issueText } from "../../text/zod-issue.js";
import { OperationError } from "../events.js";
import { manifestKind } from "./foreign.js";
import { chipName, MANIFEST, Manifest, MOST_MANIFEST, MOST_SIGNATURE, SIGNATURE } from "./manifest.js";
import { signerOf } from "./signature.js";
import type { BundleSource } from "./source.js";

/** Bytes that go to one place in flash. */
export interface FlashPart {
  readonly path: string;
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Firmware that was checked: the signature, the digest of each part, and that parts do not overlap. */
export interface Bundle {
  readonly name: string;
  readonly version: string;
  /** SHA-256 of manifest.json, in hex. */
  readonly manifestSha256: string;
  /** did:key. */
  readonly signer: string;
  /** `esp32c3`. */
  readonly chips: readonly string[];
  /** Parts for a chip in the order of their offsets, or undefined where the bundle has none for it. */
  partsFor(chip: string): readonly FlashPart[] | undefined;
}

const SECTOR = 0x1000;

/**
 * Reads a bundle whole and checks it. `trusted`: did:key of who may sign. Throws OperationError; a message about an unknown
 * signer names it, so that the technician can compare.
 */
export async function openBundle(
  source: BundleSource,
  trusted: string | undefined,
  checker: SignatureChecker,
): Promise<Bundle> {
  const manifestBytes = await source.read(MANIFEST, MOST_MANIFEST);
  if (manifestBytes === undefined) throw damaged(source, `it has no ${MANIFEST}`);
  await refuseForeign(source, manifestBytes);
  const signer = await checkSignature(source, manifestBytes, checker);
  if (trusted === undefined)
    throw new OperationError(
      "flash",
      "bundle-untrusted",
      `${source.name} is signed by ${signer}`,
      "Compare that with what the maker of the firmware says, and name the signer if it is the same.",
    );
  if (signer !== trusted)
    throw new OperationError(
      "flash",
      "bundle-untrusted",
      `${source.name} is signed by ${signer}, not by ${trusted}`,
      "Get the bundle from whom you trust.",
    );
  const manifest = parseManifest(source, manifestBytes);
  const builds = new Map<string, readonly FlashPart[]>();
  for (const { chipFamily, parts } of manifest.builds) {
    const read = await Promise.all(
      parts.map(async ({ path, offset }) => ({ path, offset, data: await readPart(source, manifest, path) })),
    );
    builds.set(chipName(chipFamily), inOrder(source, read));
  }
  return {
    name: manifest.name,
    version: manifest.version,
    manifestSha256: hex(sha256(manifestBytes)),
    signer,
    chips: [...builds.keys()],
    partsFor: (chip) => builds.get(chip),
  };
}

/** A folder of ESP Web Tools: to get it again would not help. */
async function refuseForeign(source: BundleSource, manifest: Uint8Array): Promise<void> {
  if (manifestKind(manifest) !== "manifest" || (await source.read(SIGNATURE, MOST_SIGNATURE)) !== undefined)
    return;
  throw new OperationError(
    "flash",
    "bundle-foreign",
    `${source.name} is no bundle: its manifest is one of ESP Web Tools, and nobody signed it`,
    `Nothing was written. Its maker makes a signed bundle of it: fieldmark bundle ${source.name} --key-file maker.json --out firmware.zip`,
  );
}

async function checkSignature(
  source: BundleSource,
  manifest: Uint8Array,
  checker: SignatureChecker,
): Promise<string> {
  const signature = await source.read(SIGNATURE, MOST_SIGNATURE);
  const refuse = (why: string) =>
    new OperationError(
      "flash",
      "bundle-signature",
      `${source.name}: ${why}`,
      "Nothing was written. Get the bundle again.",
    );
  if (signature === undefined) throw refuse(`nobody signed it (it has no ${SIGNATURE})`);
  try {
    return signerOf(manifest, signature, checker);
  } catch (error) {
    throw refuse(`its signature is not good: ${(error as Error).message}`);
  }
}

function parseManifest(source: BundleSource, bytes: Uint8Array): Manifest {
  let json: unknown;
  try {
    json = parseJson(decodeText(bytes));
  } catch (error) {
    throw damaged(source, `${MANIFEST} is ${(error as Error).message}`);
  }
  const parsed = Manifest.safeParse(json);
  if (parsed.success) return parsed.data;
  throw damaged(source, `${MANIFEST}: ${issueText(parsed.error)}`);
}

async function readPart(source: BundleSource, manifest: Manifest, path: string): Promise<Uint8Array> {
  const { parts } = manifest.fieldmark;
  const expected = Object.hasOwn(parts, path) ? parts[path] : undefined;
  if (expected === undefined) throw damaged(source, `the manifest has no digest of ${path}`);
  const data = await source.read(path, expected.bytes);
  if (data === undefined) throw damaged(source, `${path} is missing`);
  if (data.length !== expected.bytes || hex(sha256(data)) !== expected.sha256)
    throw damaged(source, `${path} is not what its maker signed`);
  return data;
}

function inOrder(source: BundleSource, parts: readonly FlashPart[]): readonly FlashPart[] {
  const sorted = [...parts].sort((a, b) => a.offset - b.offset);
  let end = 0;
  for (const { path, offset, data } of sorted) {
    if (offset % SECTOR !== 0)
      throw layout(source, `${path} starts at 0x${offset.toString(16)}, inside of a sector`);
    if (offset < end) throw layout(source, `${path} overlaps the part before it`);
    end = Math.ceil((offset + data.length) / SECTOR) * SECTOR;
  }
  return sorted;
}

const damaged = ({ name }: BundleSource, why: string) =>
  new OperationError(
    "flash",
    "bundle-damaged",
    `${name}: ${why}`,
    "Nothing was written. Copy or download the bundle again.",
  );

const layout = ({ name }: BundleSource, why: string) =>
  new OperationError("flash", "bundle-layout", `${name}: ${why}`, "Its maker has to mend the bundle.");
