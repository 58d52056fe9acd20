import { describe, expect, test } from "@jest/globals";
import { type CborTagged, type CborValue, decodeCbor, encodeCbor } from "../../../agent/cbor/value.js";
import { CborWriter } from "../../../agent/cbor/writer.js";
import { readSign1, writeSign1 } from "../../../agent/cose/sign1.js";
import { createFrameChecker } from "../../../agent/frame/check.js";
import { FrameWriter } from "../../../agent/frame/write.js";
import { InputError } from "../../../agent/input-error.js";
import { COMMAND_TYPE } from "../../../agent/provision/command.js";
import { readStatement } from "../../../agent/provision/read-statement.js";
import { STATEMENT_TYPE, writeStatement } from "../../../agent/provision/statement.js";
import { signatureChecker } from "../../../node/ports/signer.js";
import { RecordedHost } from "./recorded-host.js";

const { identity, signer } = new RecordedHost();
const CHALLENGE = new Uint8Array(32).fill(9);
const STANDING = {
  owner: new Uint8Array(8).fill(1),
  ownership: new Uint8Array(8).fill(2),
  session: new Uint8Array(8).fill(3),
};
const statement = () => writeStatement(identity, STANDING, CHALLENGE, signer);

describe("a statement", () => {
  test("says what the board is, in CBOR that a strict reader takes", () => {
    const read = readStatement(statement(), signatureChecker);
    expect(read).toMatchObject({ did: identity.did, network: "demo", challenge: CHALLENGE, ...STANDING });
    expect(() => decodeCbor(statement())).not.toThrow();
  });

  test("with one bit turned anywhere is none", () => {
    const document = statement();
    for (let i = 0; i < document.length * 8; i++) {
      const bad = document.slice();
      bad[i >> 3] = (bad[i >> 3] as number) ^ (1 << (i & 7));
      expect(() => readStatement(bad, signatureChecker)).toThrow();
    }
  });

  test.each([0, 15, 65])("is not made over a challenge of %i bytes", (length) => {
    expect(() => writeStatement(identity, STANDING, new Uint8Array(length), signer)).toThrow(InputError);
  });
});

describe("what is signed as one thing is nothing else", () => {
  const enrolment = { network: "demo", publicKey: () => signer.publicKey };

  test("a statement is no frame", () => {
    const result = createFrameChecker(enrolment, signatureChecker).check(statement());
    expect("failure" in result && result.failure.verdict).toBe("malformed");
  });

  test("a frame is no statement, not even with its content type", () => {
    const writer = new FrameWriter("demo", identity.kid, 512);
    const position = { boot: 1, sequence: 1, prev: new Uint8Array(16), uptime: 1 };
    writer.begin({ ...position, clock: 0, time: 0, dropped: [] }, 1);
    writer.reading("t", "Cel", 1, 0, 0);
    const frame = writer.finish(signer).slice();
    expect(() => readStatement(frame, signatureChecker)).toThrow();
  });

  test("a statement is no command, though header and payload were", () => {
    const payload = Uint8Array.of(0x80);
    const document = writeSign1(STATEMENT_TYPE, identity.kid, payload, signer);
    expect(readSign1(STATEMENT_TYPE, document, signer.publicKey, signatureChecker).payload).toEqual(payload);
    expect(() => readSign1(COMMAND_TYPE, document, signer.publicKey, signatureChecker)).toThrow();
  });

  test("the content type stands under the signature twice: as header and as external data", () => {
    // The signature of a COSE_Sign1 with this very header, but with no external data, as frames have it.
    const forged = statement();
    const withoutAad = structureOf(forged);
    const digest = new Uint8Array(32);
    signer.sha256(withoutAad, digest, 0);
    signer.sign(digest, forged, forged.length - 64);
    expect(() => readSign1(STATEMENT_TYPE, forged, signer.publicKey, signatureChecker)).toThrow(
      "not this key's",
    );
  });
});

/** `["Signature1", protected, h'', payload]` of a document. */
function structureOf(document: Uint8Array): Uint8Array {
  const { value } = decodeCbor(document) as CborTagged;
  const [header, , payload] = value as CborValue[];
  const writer = new CborWriter(new Uint8Array(1024));
  encodeCbor(["Signature1", header as CborValue, new Uint8Array(0), payload as CborValue], writer);
  return writer.buffer.slice(0, writer.offset);
}
