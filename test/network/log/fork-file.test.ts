import { expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { isFork } from "../../../network/log/fork.js";
import { readForkFile, writeForkFile } from "../../../network/log/fork-file.js";
import { verifierKeyText } from "../../../network/log/note-key.js";
import { noteChecker as checker } from "../../../node/ports/note-keys.js";
import { Party, peerOf } from "../../support/peers.js";

const ORIGIN = "theirs.example";

/** Evidence of a log that forked behind 5 entries. */
async function forked() {
  const theirs = new Party(ORIGIN, []);
  theirs.grow(5);
  const twin = new Party(ORIGIN, [], new Map(theirs.contents));
  theirs.grow(1);
  twin.grow(300, "'");
  let shown = theirs;
  const { peer, evidence } = peerOf(new Party("own.example", [ORIGIN]), theirs, {
    log: async (path) => shown.contents.get(path),
  });
  await peer.look();
  shown = twin;
  await peer.look();
  return { theirs, evidence: evidence[0]! };
}

test("evidence of a fork is the same when it is read again", async () => {
  const { theirs, evidence } = await forked();
  const text = writeForkFile(evidence, theirs.log.key);
  const read = readForkFile(JSON.parse(text), checker, "file");
  expect(read).toEqual({ evidence, key: theirs.log.key });
  expect(isFork(read.evidence, read.key, checker)).toBe(true);
});

test("what is no evidence is refused, or proves nothing", async () => {
  const { theirs, evidence } = await forked();
  const file = JSON.parse(writeForkFile(evidence, theirs.log.key));
  const cosigner = verifierKeyText(theirs.cosigner.key);
  for (const wrong of [
    null,
    [],
    {},
    { ...file, type: "fieldmark log fork 2" },
    { ...file, key: "x" },
    { ...file, key: cosigner },
    { ...file, hashes: ["x"] },
    { ...file, hashes: Array(1000).fill(file.hashes[0]) },
    { ...file, older: "x".repeat(200_000) },
    { ...file, more: 1 },
  ])
    expect(() => readForkFile(wrong, checker, "the file")).toThrow(InputError);
  for (const changed of [
    { older: file.newer },
    { newer: file.older },
    { hashes: [] },
    { older: "\ud800" },
    { older: file.older.replace("\n6\n", "\n7\n") },
    { key: verifierKeyText(new Party("other.example", []).log.key) },
  ]) {
    const read = readForkFile({ ...file, ...changed }, checker, "the file");
    expect(isFork(read.evidence, read.key, checker)).toBe(false);
  }
});
