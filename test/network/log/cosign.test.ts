import { describe, expect, test } from "@jest/globals";
import { CLOCK_UNSET } from "../../../agent/frame/chain.js";
import { InputError } from "../../../agent/input-error.js";
import {
  readAddCheckpoint,
  readCosignerAnswer,
  SIZE_TYPE,
  writeAddCheckpoint,
} from "../../../network/log/add-checkpoint.js";
import { checkpointText } from "../../../network/log/checkpoint.js";
import { type Answer, Cosigner } from "../../../network/log/cosign.js";
import { isFork } from "../../../network/log/fork.js";
import { createKeptCheckpoints, keptPath } from "../../../network/log/kept-checkpoints.js";
import { createLog } from "../../../network/log/log.js";
import { readNote, writeNote } from "../../../network/log/note.js";
import { createVerifierKey, ED25519, type VerifierKey } from "../../../network/log/note-key.js";
import { signText, verifiedSignatures } from "../../../network/log/note-signature.js";
import type { LogFiles } from "../../../network/ports/log-files.js";
import { noteChecker as checker } from "../../../node/ports/note-keys.js";
import { bytesOf } from "../../support/frames.js";
import { entriesOf, memoryLogFiles, noteKey, tree, utf8 } from "../../support/logs.js";
import { VirtualClock } from "../../support/virtual-clock.js";

const ORIGIN = "peer.example/log";
const key = noteKey(ORIGIN);
const logKey = createVerifierKey(checker, ORIGIN, ED25519, key.publicKey);

function setUp(logs: VerifierKey[] = [logKey], files: LogFiles = memoryLogFiles()) {
  const clock = new VirtualClock();
  const kept = createKeptCheckpoints(files, checker);
  const cosigner = new Cosigner({
    checker,
    clock,
    name: "cosigner.example/1",
    key: noteKey("c"),
    logs,
    kept,
  });
  const log = createLog({ files: memoryLogFiles(), checker, origin: ORIGIN, key });
  const ask = (old: number, proof = log.consistency(old), note = log.checkpoint) =>
    cosigner.addCheckpoint(writeAddCheckpoint(old, proof, note));
  return { clock, kept, cosigner, log, files, ask };
}

const bytes = (answer: Answer) => utf8(answer.body);
const signed = (size: number, root: Uint8Array) => {
  const text = checkpointText({ origin: ORIGIN, size, root });
  return writeNote({ text, signatures: [signText(text, logKey, key)] });
};

describe("a cosigner", () => {
  test("cosigns a log as it grows, and the log shows it", () => {
    const { cosigner, log, ask, kept, clock } = setUp();
    let old = 0;
    for (const by of [0, 1, 5, 300]) {
      log.append(entriesOf(log.size, log.size + by));
      const answer = ask(old);
      expect(answer).toMatchObject({
        status: 200,
        body: expect.stringMatching(/^— cosigner\.example\/1 \S+\n$/),
      });
      const read = readCosignerAnswer(answer.status, bytes(answer));
      if (read.kind !== "cosigned") throw new Error(read.kind);
      log.addCosignatures(read.lines, [cosigner.key]);
      expect(verifiedSignatures(readNote(log.checkpoint), [cosigner.key], checker)).toMatchObject([
        { name: cosigner.key.name, time: Math.floor(clock.wall().unix / 1000) },
      ]);
      // What a cosigner shows has the log's signature and its own (tlog-witness, "Monitor Retrieval Mechanism").
      expect(kept.last(ORIGIN)?.note).toEqual(log.checkpoint);
      old = log.size;
    }
    expect(ask(old).status).toBe(200);
  });

  test("says which size it knows, where the log thinks of another", () => {
    const { log, ask } = setUp();
    log.append(entriesOf(0, 3));
    expect(ask(2)).toMatchObject({ status: 409, type: SIZE_TYPE, body: "0\n" });
    ask(0);
    log.append(entriesOf(3, 5));
    const answer = ask(0);
    expect(answer).toEqual({ status: 409, type: "text/x.tlog.size", body: "3\n" });
    expect(readCosignerAnswer(answer.status, bytes(answer))).toEqual({ kind: "size", size: 3 });
    expect(ask(3).status).toBe(200);
  });

  test("refuses what is no request, of no log that it knows, or not signed by it", () => {
    const { cosigner, log, ask, kept } = setUp();
    const other = createLog({ files: memoryLogFiles(), checker, origin: "other.example", key: noteKey("o") });
    const liar = createLog({ files: memoryLogFiles(), checker, origin: ORIGIN, key: noteKey("liar") });
    expect(ask(0, [], other.checkpoint).status).toBe(404);
    expect(ask(0, [], liar.checkpoint).status).toBe(403);
    const forged = new TextDecoder().decode(log.checkpoint).replace("\n0\n", "\n1\n");
    expect(ask(0, [], utf8(forged)).status).toBe(403);
    expect(ask(1, []).status).toBe(400);
    expect(cosigner.addCheckpoint(utf8("old 0\n")).status).toBe(400);
    expect(kept.last(ORIGIN)).toBeUndefined();
  });

  test("cosigns nothing that does not go on from what it cosigned", () => {
    const { log, ask, kept } = setUp();
    log.append(entriesOf(0, 3));
    ask(0);
    const before = kept.last(ORIGIN)?.note;
    log.append(entriesOf(3, 8));
    const proof = log.consistency(3);
    const twin = createLog({ files: memoryLogFiles(), checker, origin: ORIGIN, key });
    twin.append(entriesOf(0, 8, "'"));
    for (const [hashes, note] of [
      [[], log.checkpoint],
      [proof.slice(1), log.checkpoint],
      [[...proof, tree.empty], log.checkpoint],
      [proof, twin.checkpoint],
      [twin.consistency(3), twin.checkpoint],
    ] as const)
      expect(ask(3, [...hashes], note).status).toBe(422);
    expect(ask(3, [], signed(3, new Uint8Array(32)))).toMatchObject({ status: 422 });
    expect(kept.last(ORIGIN)?.note).toEqual(before);
    expect(ask(3).status).toBe(200);
  });

  test("wants no proof from 0, and the empty tree's root for it", () => {
    const { log, ask } = setUp();
    expect(ask(0, [], signed(0, new Uint8Array(32))).status).toBe(422);
    log.append(entriesOf(0, 2));
    expect(ask(0, [tree.empty]).status).toBe(422);
    expect(ask(0, []).status).toBe(200);
  });

  test("hands out evidence of two trees of one size", () => {
    const { log, ask } = setUp();
    log.append(entriesOf(0, 3));
    ask(0);
    const { status, evidence } = ask(3, [], signed(3, new Uint8Array(32)));
    expect(status).toBe(422);
    expect(evidence && isFork(evidence, logKey, checker)).toBe(true);
    expect(ask(3, [tree.empty]).evidence).toBeUndefined();
  });

  test("hands out no signature over what is not kept", () => {
    let isFull = true;
    const files = memoryLogFiles();
    const { ask } = setUp([logKey], {
      ...files,
      write(path, content) {
        if (isFull) throw new Error("no room");
        files.write(path, content);
      },
    });
    expect(() => ask(0)).toThrow("no room");
    isFull = false;
    expect(ask(0).status).toBe(200);
    expect(files.read(keptPath(ORIGIN, checker))).toBeDefined();
  });

  test("never takes a damaged memory for a log that is new", () => {
    const { ask, files } = setUp();
    ask(0);
    files.write(keptPath(ORIGIN, checker), utf8("x"));
    expect(() => ask(0)).toThrow("damaged");
  });

  test("has no signature without the time of day", () => {
    const { ask, clock } = setUp();
    clock.state = CLOCK_UNSET;
    expect(ask(0).status).toBe(503);
  });
});

/** A log of sigsum's and what it asked litewitness (FiloSottile/torchwood, cmd/litewitness/testdata/litewitness.txt). */
describe("another implementation's requests", () => {
  const origin = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";
  const publicKey = bytesOf("ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f");
  const body = (old: string, checkpoint: string, signature: string, name = origin) =>
    utf8(`${old}\n\n${name}\n${checkpoint}\n\n— ${name} ${signature}\n`);
  const ONE = "1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  const BY_ONE =
    "UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=";
  const THREE = "3\nRcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=";
  const BY_THREE =
    "UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=";
  const PROOF =
    "old 1\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nKgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

  test("get the answers that it gave", () => {
    const { cosigner } = setUp([createVerifierKey(checker, origin, ED25519, publicKey)]);
    const answers = [
      body("old 0", ONE, BY_ONE),
      body(PROOF, THREE, BY_THREE.replace("6go=", "7go=")),
      body(PROOF, THREE, BY_THREE, origin.replace("e562", "e563")),
      body("old 1", THREE, BY_THREE),
      body(PROOF.replace("AAAAAAA=", "AAAAABA="), THREE, BY_THREE),
      body(PROOF, THREE, BY_THREE),
    ].map((request) => cosigner.addCheckpoint(request).status);
    // That of a log which it does not know is 404 in the specification now.
    expect(answers).toEqual([200, 403, 404, 422, 422, 200]);
  });

  test("are written as they are", () => {
    const { old, proof, note } = readAddCheckpoint(body(PROOF, THREE, BY_THREE));
    expect([old, proof.length]).toEqual([1, 2]);
    expect(writeAddCheckpoint(old, proof, writeNote(note))).toEqual(body(PROOF, THREE, BY_THREE));
  });

  test.each([
    ["", ONE],
    ["old", ONE],
    ["old 01", ONE],
    ["old -1", ONE],
    ["old 1 ", ONE],
    ["new 1", ONE],
    ["old 1\n", ONE],
    ["old 1\nKgEA", ONE],
    [`old 1${"\nKgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".repeat(64)}`, ONE],
    ["old 1", "x\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],
    ["old 1", `${ONE}\n${"a".repeat(140_000)}`],
  ])("%# with something else are none", (old, checkpoint) => {
    expect(() => readAddCheckpoint(body(old, checkpoint, BY_ONE))).toThrow(InputError);
  });

  test.each([
    [200, Uint8Array.of(0xff), { kind: "refused", status: 200 }],
    [409, utf8("3"), { kind: "refused", status: 409 }],
    [409, utf8("03\n"), { kind: "refused", status: 409 }],
    [500, utf8("3\n"), { kind: "refused", status: 500 }],
    [200, new Uint8Array(1e6), { kind: "refused", status: 200 }],
  ])("answer %d that is none is a refusal", (status, answer, read) => {
    expect(readCosignerAnswer(status, answer)).toEqual(read);
  });
});
