import { describe, expect, test } from "@jest/globals";
import { type ForkEvidence, isFork } from "../../../network/log/fork.js";
import { createKeptCheckpoints } from "../../../network/log/kept-checkpoints.js";
import { createLog, type Log } from "../../../network/log/log.js";
import { type Sighting, Watch } from "../../../network/log/watch.js";
import type { FetchLogFile } from "../../../network/ports/log-source.js";
import { noteChecker as checker } from "../../../node/ports/note-keys.js";
import { entriesOf, memoryLogFiles, noteKey, utf8 } from "../../support/logs.js";

const ORIGIN = "peer.example/log";
const key = noteKey(ORIGIN);

class Peer {
  readonly contents: Map<string, Uint8Array>;
  readonly log: Log;

  constructor(contents = new Map<string, Uint8Array>()) {
    this.contents = contents;
    this.log = createLog({ files: memoryLogFiles(contents), checker, origin: ORIGIN, key });
  }

  grow(by: number, mark = ""): Uint8Array {
    this.log.append(entriesOf(this.log.size, this.log.size + by, mark));
    return this.log.checkpoint;
  }
}

/** Somebody who watches `peer`, and what they remember. */
function watching(peer: Peer, fetch: FetchLogFile = async (path) => peer.contents.get(path)) {
  const memory = new Map<string, Uint8Array>();
  const kept = createKeptCheckpoints(memoryLogFiles(memory), checker);
  const watch = new Watch({ checker, key: peer.log.key, fetch, kept });
  return { watch, kept, memory };
}

const evidenceOf = (sighting: Sighting): ForkEvidence => {
  if (sighting.kind !== "fork") throw new Error(`${sighting.kind}, and no fork`);
  return sighting.evidence;
};

describe("a watcher", () => {
  test("follows a log that grows, and remembers its last checkpoint", async () => {
    const peer = new Peer();
    const { watch, kept } = watching(peer);
    expect(await watch.see(peer.log.checkpoint)).toMatchObject({ kind: "first", checkpoint: { size: 0 } });
    for (const by of [1, 2, 250, 3, 256, 1, 700]) {
      expect(await watch.see(peer.grow(by))).toMatchObject({
        kind: "larger",
        checkpoint: { size: peer.log.size },
      });
      expect(kept.last(ORIGIN)).toMatchObject({ size: peer.log.size, note: peer.log.checkpoint });
    }
    expect(await watch.see(peer.log.checkpoint)).toMatchObject({ kind: "same" });
  });

  test("takes a checkpoint from before for what it is, and keeps the larger one", async () => {
    const peer = new Peer();
    const { watch, kept } = watching(peer);
    const older = peer.grow(5);
    await watch.see(peer.grow(300));
    expect(await watch.see(older)).toMatchObject({ kind: "older", checkpoint: { size: 5 } });
    expect(kept.last(ORIGIN)?.size).toBe(305);
  });

  test("refuses what the log did not sign", async () => {
    const peer = new Peer();
    const { watch, memory } = watching(peer);
    const other = createLog({ files: memoryLogFiles(), checker, origin: ORIGIN, key: noteKey("liar") });
    const text = new TextDecoder().decode(peer.log.checkpoint);
    for (const note of [
      other.checkpoint,
      utf8(text.replace("\n0\n", "\n1\n")),
      utf8("x"),
      new Uint8Array(1e6),
    ])
      expect(await watch.see(note)).toMatchObject({ kind: "refused" });
    expect(memory.size).toBe(0);
  });

  test.each([1, 4, 5, 255, 256, 300])(
    "finds a fork behind %d entries, whichever side comes first",
    async (common) => {
      const peer = new Peer();
      peer.grow(common);
      const twin = new Peer(new Map(peer.contents));
      const notes = [peer.grow(3), twin.grow(40, "'")] as const;
      for (const [first, second] of [notes, [...notes].reverse()]) {
        const { watch, kept } = watching(twin);
        await watch.see(first as Uint8Array);
        const evidence = evidenceOf(await watch.see(second as Uint8Array));
        expect([evidence.older, evidence.newer]).toEqual(notes);
        expect(isFork(evidence, peer.log.key, checker)).toBe(true);
        expect(kept.last(ORIGIN)?.note).toEqual(first);
      }
    },
  );

  test("finds a fork of two trees of one size without a file", async () => {
    const [peer, twin] = [new Peer(), new Peer()];
    const { watch } = watching(peer, async () => undefined);
    await watch.see(peer.grow(3));
    const evidence = evidenceOf(await watch.see(twin.grow(3, "'")));
    expect(isFork(evidence, peer.log.key, checker)).toBe(true);
  });

  test("accuses nobody where files are missing, damaged or cannot be had", async () => {
    const peer = new Peer();
    const first = peer.grow(5);
    const second = peer.grow(300);
    const sources: FetchLogFile[] = [
      async () => undefined,
      async () => new Uint8Array(8192),
      async () => new Uint8Array(3),
      async () => {
        throw new Error("no answer");
      },
    ];
    for (const source of sources) {
      const { watch, kept } = watching(peer, source);
      await watch.see(first);
      expect(await watch.see(second)).toMatchObject({ kind: "unproven" });
      expect(kept.last(ORIGIN)?.size).toBe(5);
    }
  });

  test("does not fall back behind a checkpoint that came while it fetched", async () => {
    const peer = new Peer();
    const [first, second, third] = [peer.grow(5), peer.grow(300), peer.grow(300)];
    let fetches = 0;
    const meanwhile: Sighting[] = [];
    const { watch, kept } = watching(peer, async (path) => {
      if (fetches++ === 0) meanwhile.push(await watch.see(third));
      return peer.contents.get(path);
    });
    await watch.see(first);
    expect(await watch.see(second)).toMatchObject({ kind: "older" });
    expect(meanwhile).toMatchObject([{ kind: "larger" }]);
    expect(kept.last(ORIGIN)?.size).toBe(605);
  });

  test("never takes a damaged memory for a log that is new", async () => {
    const peer = new Peer();
    const { watch, memory } = watching(peer);
    await watch.see(peer.grow(1));
    for (const path of memory.keys()) memory.set(path, utf8("x"));
    await expect(watch.see(peer.grow(1))).rejects.toThrow("damaged");
  });
});

test("nothing but a fork is evidence of one", async () => {
  const peer = new Peer();
  const twin = new Peer(new Map(peer.contents));
  const { watch } = watching(twin);
  await watch.see(peer.grow(3));
  const evidence = evidenceOf(await watch.see(twin.grow(8, "'")));
  const { key } = peer.log;
  const holds = (changed: Partial<ForkEvidence>) => isFork({ ...evidence, ...changed }, key, checker);
  expect(holds({})).toBe(true);
  expect(holds({ older: twin.log.checkpoint })).toBe(false);
  expect(holds({ older: evidence.newer, newer: evidence.older })).toBe(false);
  expect(holds({ hashes: [] })).toBe(false);
  expect(holds({ hashes: evidence.hashes.map(() => new Uint8Array(32)) })).toBe(false);
  expect(holds({ hashes: Array.from({ length: 1000 }, () => new Uint8Array(32)) })).toBe(false);
  expect(holds({ older: utf8("x") })).toBe(false);
  expect(isFork(evidence, { ...key, id: key.id ^ 1 }, checker)).toBe(false);
});
