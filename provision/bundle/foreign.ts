import { decodeText } from "../../text/decode.js";
import { parseJson } from "../../text/json-text.js";
import { OperationError } from "../events.js";
import { IMAGE_MAGIC } from "../flash/app-image.js";
import { readPartitionTable, TABLE_AT, TABLE_BYTES } from "../flash/partition-table.js";

/** What a file is that is given as firmware, where it is none of ours. */
export type Kind =
  | "zip"
  | "manifest"
  | "bundle-manifest"
  | "merged"
  | "image"
  | "elf"
  | "uf2"
  | "hex"
  | "other";

const WHAT: Readonly<Record<Exclude<Kind, "zip" | "other">, string>> = {
  manifest: "is a manifest of ESP Web Tools, and nobody signed it",
  "bundle-manifest": "is the manifest of a bundle alone",
  merged: "is the image of a whole flash (.bin), and nobody signed it",
  image:
    "is one image (.bin): it says neither where in flash it goes nor what goes beside it, and nobody signed it",
  elf: "is what a linker makes (ELF), not what goes into flash",
  uf2: "is a UF2 file, which boards take that are a drive",
  hex: "is an Intel HEX file",
};

const MAKE = "--key-file maker.json --out firmware.zip";
const OWN = "Its maker makes a signed bundle of it";
const TO_DO: Readonly<Record<keyof typeof WHAT, (name: string) => string>> = {
  manifest: (name) =>
    `${OWN}, from the folder that has it with its parts: fieldmark bundle ${folderOf(name)} ${MAKE}`,
  "bundle-manifest": (name) => `Name the folder that has it: ${folderOf(name)}, or the zip.`,
  merged: (name) => `${OWN}: fieldmark bundle ${name} ${MAKE}`,
  image: () =>
    `Its maker makes a signed bundle of the folder of its build (flasher_args.json): fieldmark bundle build ${MAKE}`,
  elf: () =>
    `Its maker makes a signed bundle of the folder of its build (flasher_args.json): fieldmark bundle build ${MAKE}`,
  uf2: () => `Ask for the build's folder, of which fieldmark bundle makes one.`,
  hex: () => `Ask for the build's folder, of which fieldmark bundle makes one.`,
};

export function kindOf(bytes: Uint8Array): Kind {
  const begins = (...magic: number[]) => magic.every((byte, i) => bytes[i] === byte);
  if (begins(0x50, 0x4b)) return "zip";
  if (begins(0x7f, 0x45, 0x4c, 0x46)) return "elf";
  if (begins(0x55, 0x46, 0x32, 0x0a)) return "uf2";
  if (readPartitionTable(bytes.subarray(TABLE_AT, TABLE_AT + TABLE_BYTES)) !== undefined) return "merged";
  if (begins(IMAGE_MAGIC)) return "image";
  if (/^:[0-9A-Fa-f]{10}/.test(String.fromCharCode(...bytes.subarray(0, 11)))) return "hex";
  return manifestKind(bytes) ?? "other";
}

/** Whether it is a manifest as ESP Web Tools has it, with or without what Fieldmark puts into it. */
export function manifestKind(bytes: Uint8Array): "manifest" | "bundle-manifest" | undefined {
  let json: unknown;
  try {
    json = parseJson(decodeText(bytes));
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null || !("builds" in json)) return undefined;
  return "fieldmark" in json ? "bundle-manifest" : "manifest";
}

/** What to throw where a file is given as a bundle that is known to be something else; undefined for what may be a damaged one. */
export function foreign(name: string, kind: Kind): OperationError | undefined {
  if (kind === "zip" || kind === "other") return undefined;
  return new OperationError(
    "flash",
    "bundle-foreign",
    `${name} is no bundle: it ${WHAT[kind]}`,
    `Nothing was written. ${TO_DO[kind](name)}`,
  );
}

const folderOf = (name: string) => name.replace(/[^/\\]*$/, "").replace(/[/\\]$/, "") || ".";
