import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { decodeCbor } from "../../../agent/cbor/value.js";
import { type Outcome, writeOutcome } from "../../../agent/provision/outcome.js";
import { readOutcome } from "../../../agent/provision/read-outcome.js";
import { writeStatement } from "../../../agent/provision/statement.js";
import { signatureChecker } from "../../../node/ports/signer.js";
import { CddlValidator } from "../../support/cddl.js";
import { makeFrame, reading } from "../../support/frames.js";
import { RecordedHost } from "./recorded-host.js";

const { identity, signer } = new RecordedHost();
const PAGE = readFileSync(join(__dirname, "../../../docs/provisioning.md"), "utf8");
const [, block = ""] = PAGE.split("\n```cddl\n");
const validator = new CddlValidator(block.slice(0, block.indexOf("\n```")));
const check = (bytes: Uint8Array) => validator.check("outcome-document", decodeCbor(bytes));

const GIVEN: Outcome = {
  network: "demo",
  publicKey: signer.publicKey,
  order: new Uint8Array(32).fill(7),
  boot: 3,
  outcome: "obeyed",
  reason: "",
  owner: new Uint8Array(8).fill(1),
  ownership: new Uint8Array(8).fill(2),
  last: 7,
  signed: { counter: 1_796_000_000_000, verb: "settings" },
};
const NOBODY = new Uint8Array(0);
const STANDING = { owner: NOBODY, ownership: NOBODY, session: new Uint8Array(8) };
const { signed: _, ...UNSIGNED } = GIVEN;
const write = (given: Partial<Outcome> = {}, from: Outcome = GIVEN) =>
  writeOutcome({ ...from, ...given }, signer);

describe("the CDDL of docs/provisioning.md takes what a board says of an order", () => {
  test.each<[string, Uint8Array]>([
    ["obeyed", write()],
    ["on trial", write({ outcome: "on-trial" })],
    ["kept", write({ outcome: "kept" })],
    ["reverted, with the reason", write({ outcome: "reverted", reason: "no broker acknowledged a frame" })],
    ["refused, the owner's", write({ outcome: "refused", reason: "age: it is not a number" })],
    ["refused, somebody's", write({ outcome: "refused", reason: "it is for another board" }, UNSIGNED)],
    [
      "too long",
      write({ outcome: "refused", reason: "it has 2000 bytes", order: new Uint8Array(0) }, UNSIGNED),
    ],
    [
      "the longest reason and verb",
      write({ reason: "ü".repeat(1000), signed: { counter: 1, verb: "v".repeat(33) } }),
    ],
    [
      "of a board without an owner",
      write(
        { outcome: "refused", reason: "the board has no owner", owner: NOBODY, ownership: NOBODY },
        UNSIGNED,
      ),
    ],
    ["the longest network and counters", write({ network: "n".repeat(64), boot: 2 ** 53 - 1 })],
  ])("%s", (_name, document) => {
    expect(check(document)).toBeUndefined();
    expect(readOutcome(document, signatureChecker).kid).toEqual(identity.kid);
  });

  test("and nothing else that a board signs", () => {
    const others = [makeFrame([reading()]), writeStatement(identity, STANDING, new Uint8Array(16), signer)];
    for (const other of others) {
      expect(check(other)).toBeDefined();
      expect(() => readOutcome(other, signatureChecker)).toThrow();
    }
  });

  test.each<[string, Partial<Outcome>, Outcome]>([
    ["a word that there is not", { outcome: "maybe" as "kept" }, GIVEN],
    ["an obeyed order that nobody signed", { outcome: "obeyed" }, UNSIGNED],
    ["half an ownership", { ownership: new Uint8Array(4) }, GIVEN],
    ["half a hash", { order: new Uint8Array(16) }, GIVEN],
    ["a network without a name", { network: "" }, GIVEN],
  ])("nor %s", (_name, given, from) => expect(check(write(given, from))).toBeDefined());
});

describe("an outcome is read", () => {
  test("not with an ownership of nobody", () => {
    for (const half of [{ owner: NOBODY }, { ownership: NOBODY }])
      expect(() => readOutcome(write(half), signatureChecker)).toThrow("an owner of other lengths");
  });

  test("with all that it says", () => {
    expect(readOutcome(write(), signatureChecker)).toEqual({ ...GIVEN, kid: identity.kid });
  });

  test("where its key has signed it, and not with one bit turned anywhere", () => {
    const document = write();
    for (let i = 0; i < document.length; i++) {
      const bad = document.slice();
      bad[i] = (bad[i] as number) ^ (1 << (i & 7));
      expect(() => readOutcome(bad, signatureChecker)).toThrow();
    }
  });
});
