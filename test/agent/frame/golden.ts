import { bytesOf, hexOf, reading, TEST_HEADER, type TestReading, testSigner } from "../../support/frames.js";

/**
 * One frame, field by field: device `testSigner`, network "demo", its eighth frame of boot 3, an hour after the
 * start; 21.53 °C at the base time, 21.5 °C and 48 % humidity one and a half seconds before.
 */
export const GOLDEN = {
  tag: "d2", // tag 18, COSE_Sign1
  parts: "84", // array of 4

  protectedHead: "58 36", // 1. protected header: byte string of 54
  headers: "a5", // map of 5
  alg: "01 38 2e", // 1 (alg): -47, ES256K
  contentType: "03 18 70", // 3 (content type): 112, application/senml+cbor
  kid: "04 48 f1d12012406b87af", // 4 (kid): 8 bytes
  claims: "0f a1 03", // 15 (CWT claims): map of 1; 3 (aud):
  network: "64 64656d6f", //   "demo"
  chain: "3a 00010000 85", // -65537 (chain): array of 5
  boot: "03",
  sequence: "07",
  prev: "50 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf", // byte string of 16
  uptime: "19 0e10", // 3600 s
  clock: "02", // set from the network
  dropped: "", // nothing dropped, nothing written

  unprotected: "a0", // 2. unprotected header: empty map

  payloadHead: "58 45", // 3. payload: byte string of 69
  pack: "83", // array of 3 records
  record1: "a4", // map of 4
  value1: "02 c4 82 21 19 0869", // 2 (v): 4([-2, 2153]), 21.53
  time1: "", // at the base time
  name1: "21 6b 74656d7065726174757265", // -2 (bn): "temperature"
  baseTime: "22 1a 6afd86c0", // -3 (bt): 1795000000
  unit1: "23 63 43656c", // -4 (bu): "Cel"
  record2: "a2", // map of 2
  value2: "02 c4 82 20 18 d7", // 2 (v): 4([-1, 215]), 21.5
  time2: "06 c4 82 20 2e", // 6 (t): 4([-1, -15]), -1.5 s
  name2: "", // name and unit as before
  unit2: "",
  record3: "a4", // map of 4
  value3: "02 18 30", // 2 (v): 48
  time3: "06 c4 82 20 2e", // 6 (t): -1.5 s
  name3: "21 68 68756d6964697479", // -2 (bn): "humidity"
  unit3: "23 63 255248", // -4 (bu): "%RH"

  signatureHead: "58 40", // 4. signature: byte string of 64
  r: "3404b669f35602d07d2cf1e778b91d31487a25d5bf46af226a7f20072557fa9d",
  s: "70adcc9bd674cf27913e6d0942578cd9e31584b1b9b20ffb1b6408e687e67f52",
};

export type Pieces = Partial<typeof GOLDEN>;

/** What the golden frame is made from. */
export const GOLDEN_HEADER = {
  ...TEST_HEADER,
  boot: 3,
  sequence: 7,
  prev: bytesOf("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"),
  uptime: 3600,
};
export const GOLDEN_READINGS: TestReading[] = [
  reading("temperature", "Cel", 2153, -2, 0),
  reading("temperature", "Cel", 215, -1, 1500),
  reading("humidity", "%RH", 48, 0, 1500),
];

/**
 * The golden frame with other pieces. The heads of the protected header and the payload, and the signature,
 * are made to fit, unless they are among the changes: a frame that is wrong in form is still signed by the device.
 */
export function assemble(changes: Pieces = {}): Uint8Array {
  const pieces = { ...GOLDEN, ...changes };
  const join = (from: keyof Pieces, to: keyof Pieces) => {
    const names = Object.keys(GOLDEN) as (keyof Pieces)[];
    const wanted = names.slice(names.indexOf(from), names.indexOf(to) + 1);
    return hexOf(bytesOf(wanted.map((name) => pieces[name]).join(" ")));
  };
  const headers = join("headers", "dropped");
  const records = join("pack", "unit3");
  const protectedHeader = (changes.protectedHead ?? byteStringHead(headers)) + headers;
  const payload = (changes.payloadHead ?? byteStringHead(records)) + records;

  // RFC 9052 §4.4: ["Signature1", protected header, external data, payload], by hand.
  const toBeSigned = bytesOf(`84 6a 5369676e617475726531 ${protectedHeader} 40 ${payload}`);
  const digest = new Uint8Array(32);
  testSigner.sha256(toBeSigned, digest, 0);
  const signature = new Uint8Array(64);
  testSigner.sign(digest, signature, 0);
  const r = changes.r ?? hexOf(signature.subarray(0, 32));
  const s = changes.s ?? hexOf(signature.subarray(32));

  const { tag, parts, unprotected, signatureHead } = pieces;
  return bytesOf([tag, parts, protectedHeader, unprotected, payload, signatureHead, r, s].join(" "));
}

/** The golden frame's bytes as they are written above. */
export const GOLDEN_BYTES = bytesOf(Object.values(GOLDEN).join(" "));

/** Hex of the shortest head of a byte string (RFC 8949 §3). */
function byteStringHead(contentHex: string): string {
  const length = bytesOf(contentHex).length;
  const digits = length.toString(16);
  if (length < 24) return (0x40 + length).toString(16);
  return length < 256 ? `58${digits.padStart(2, "0")}` : `59${digits.padStart(4, "0")}`;
}
