import { createHash, createPublicKey, verify } from "node:crypto";
import { Decoder, Encoder } from "cbor-x";

/** What an independent reader makes of one frame. */
export interface ReadFrame {
  readonly did: string;
  readonly boot: number;
  readonly sequence: number;
  readonly time: number | undefined;
  readonly readings: readonly { name: string; unit: string; value: number; time: number | undefined }[];
}

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const decoder = new Decoder({ mapsAsObjects: false, useRecords: false });

/**
 * A second implementation of the judge, on cbor-x and OpenSSL, which shares no code with the first: reads a file of
 * frames, checks every signature and each device's chain, resolves the SenML. The same bytes again are passed over. Throws at the first flaw.
 */
export function readIndependently(file: Uint8Array, registry: { devices: { did: string }[] }): ReadFrame[] {
  const keys = new Map(registry.devices.map(({ did }) => [kidOf(did), did]));
  const tips = new Map<string, Buffer>();
  const frames: ReadFrame[] = [];
  const seen = new Set<string>();
  for (const bytes of split(file)) {
    const digest = createHash("sha256").update(bytes).digest();
    if (seen.has(digest.toString("hex"))) continue;
    seen.add(digest.toString("hex"));
    const [header, , payload, signature] = decoder.decode(bytes).value as [Buffer, unknown, Buffer, Buffer];
    const map = decoder.decode(header) as Map<number, unknown>;
    const did = keys.get((map.get(4) as Buffer).toString("hex"));
    if (did === undefined) throw new Error("not enrolled");
    if (!isSigned(did, header, payload, signature)) throw new Error("bad signature");
    const [boot, sequence, prev] = map.get(-65537) as [number, number, Buffer];
    const tip = tips.get(did) ?? Buffer.alloc(16);
    if (!tip.equals(prev)) throw new Error(`the chain of ${did} breaks at ${boot}/${sequence}`);
    tips.set(did, digest.subarray(0, 16));
    frames.push({ did, boot, sequence, ...resolve(decoder.decode(payload) as Map<number, unknown>[]) });
  }
  return frames;
}

/** cbor-x decodes sequences, but does not say where an item ends; the frames' own lengths do. */
function* split(file: Uint8Array): Generator<Buffer> {
  const bytes = Buffer.from(file);
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    at += 2;
    at = skipBytes(bytes, at) + 1; // protected header, then the empty map
    at = skipBytes(bytes, at);
    at = skipBytes(bytes, at);
    yield bytes.subarray(start, at);
  }
}

function skipBytes(bytes: Buffer, at: number): number {
  const head = bytes[at] as number;
  if (head === 0x59) return at + 3 + bytes.readUInt16BE(at + 1);
  if (head === 0x58) return at + 2 + bytes.readUInt8(at + 1);
  if (head >= 0x40 && head < 0x58) return at + 1 + (head - 0x40);
  throw new Error(`no byte string at ${at}`);
}

function isSigned(did: string, header: Buffer, payload: Buffer, signature: Buffer): boolean {
  const structure = new Encoder({ useRecords: false, tagUint8Array: false }).encode([
    "Signature1",
    header,
    Buffer.alloc(0),
    payload,
  ]);
  // SubjectPublicKeyInfo (RFC 5480) of a compressed secp256k1 point.
  const der = Buffer.concat([
    Buffer.from("3036301006072a8648ce3d020106052b8104000a032200", "hex"),
    keyOf(did),
  ]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  return verify("sha256", structure, { key, dsaEncoding: "ieee-p1363" }, signature);
}

function resolve(records: Map<number, unknown>[]): Pick<ReadFrame, "time" | "readings"> {
  let name = "";
  let unit = "";
  let time: number | undefined;
  const readings = records.map((record) => {
    name = (record.get(-2) as string) ?? name;
    time = (record.get(-3) as number) ?? time;
    unit = (record.get(-4) as string) ?? unit;
    const offset = record.has(6) ? toNumber(record.get(6)) : 0;
    return {
      name,
      unit,
      value: toNumber(record.get(2)),
      time: time === undefined ? undefined : time + offset,
    };
  });
  return { time, readings };
}

function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  const [exponent, mantissa] = (value as { value: [number, number] }).value;
  return Number(`${mantissa}e${exponent}`);
}

function keyOf(did: string): Buffer {
  let number = 0n;
  for (const character of did.slice("did:key:z".length))
    number = number * 58n + BigInt(BASE58.indexOf(character));
  return Buffer.from(number.toString(16).padStart(70, "0"), "hex").subarray(2);
}

function kidOf(did: string): string {
  return createHash("sha256").update(keyOf(did)).digest("hex").slice(0, 16);
}
