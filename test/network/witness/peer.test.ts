import { describe, expect, test } from "@jest/globals";
import { writeAddCheckpoint } from "../../../network/log/add-checkpoint.js";
import { isFork } from "../../../network/log/fork.js";
import { readNote } from "../../../network/log/note.js";
import { verifiedSignatures } from "../../../network/log/note-signature.js";
import type { PeerLink } from "../../../network/ports/peer-link.js";
import { noteChecker as checker } from "../../../node/ports/note-keys.js";
import { utf8 } from "../../support/logs.js";
import { Party, peerOf } from "../../support/peers.js";

const OWN = "own.example";
const THEIRS = "theirs.example";

function pair() {
  const own = new Party(OWN, [THEIRS]);
  const theirs = new Party(THEIRS, [OWN]);
  own.grow(3);
  theirs.grow(5);
  return { own, theirs };
}

/** Names of those whose cosignatures the log shows. */
const cosignersOf = ({ log }: Party, ...parties: Party[]) => {
  const keys = parties.map(({ cosigner }) => cosigner.key);
  const verified = verifiedSignatures(readNote(log.checkpoint), keys, checker);
  return verified === "wrong" ? verified : verified.map(({ name }) => name);
};

describe("a peer's log", () => {
  test("is followed as it grows, and that is said once", async () => {
    const { own, theirs } = pair();
    const { peer, said } = peerOf(own, theirs);
    expect(peer.view()).toEqual({ name: THEIRS, size: null, state: "waiting", cosigned: null });
    for (const by of [0, 1, 300]) {
      theirs.grow(by);
      await peer.look();
      expect(peer.view()).toEqual({ name: THEIRS, size: theirs.log.size, state: "up", cosigned: null });
    }
    expect(said).toEqual([`peer ${THEIRS} is followed`]);
  });

  test("that cannot be had is said once, and once more when it is back", async () => {
    const { own, theirs } = pair();
    let isDown = true;
    const { peer, said } = peerOf(own, theirs, {
      log: async (path) => {
        if (isDown) throw new Error("no answer");
        return theirs.contents.get(path);
      },
    });
    for (let minute = 0; minute < 5; minute++) await peer.look();
    expect(peer.view()).toMatchObject({ state: "down", reason: "no answer" });
    isDown = false;
    for (let minute = 0; minute < 5; minute++) await peer.look();
    expect(said).toEqual([`peer ${THEIRS} cannot be reached: no answer`, `peer ${THEIRS} is followed`]);
  });

  test.each<[string, PeerLink["log"], string]>([
    ["is not there", async () => undefined, "down"],
    ["is no checkpoint", async () => utf8("x"), "refused"],
    ["is another log's", async () => new Party("liar.example", []).log.checkpoint, "refused"],
    ["is endless", async () => new Uint8Array(1 << 20), "refused"],
  ])("accuses nobody where what is shown %s", async (_what, log, state) => {
    const { own, theirs } = pair();
    const { peer, evidence, said } = peerOf(own, theirs, { log });
    await peer.look();
    await peer.look();
    expect([peer.view().state, said.length, evidence.length]).toEqual([state, 1, 0]);
  });

  test("whose tiles are wrong is unproven, and no fork", async () => {
    const { own, theirs } = pair();
    const log: PeerLink["log"] = async (path) =>
      path.startsWith("tile") ? new Uint8Array(8192) : theirs.contents.get(path);
    const { peer, evidence } = peerOf(own, theirs, { log });
    await peer.look();
    theirs.grow(4);
    await peer.look();
    expect([peer.view().state, evidence.length]).toEqual(["unproven", 0]);
  });

  test("that forks is evidence, kept once, and nothing of it is believed again", async () => {
    const { own, theirs } = pair();
    const twin = new Party(THEIRS, [OWN], new Map(theirs.contents));
    theirs.grow(2);
    twin.grow(4, "'");
    let shown = theirs;
    const { peer, said, evidence } = peerOf(own, theirs, { log: async (path) => shown.contents.get(path) });
    await peer.look();
    shown = twin;
    await peer.look();
    await peer.look();
    expect(peer.view()).toMatchObject({ state: "fork", size: 7 });
    expect(said.filter((line) => line.includes("IS FORKED"))).toHaveLength(1);
    expect(evidence).toHaveLength(1);
    expect(isFork(evidence[0]!, theirs.log.key, checker)).toBe(true);
    shown = theirs;
    await peer.look();
    expect(peer.view().state).toBe("fork");
  });

  test("that has one tree cosigned and shows another is forked, too", async () => {
    const { own, theirs } = pair();
    const twin = new Party(THEIRS, [OWN], new Map(theirs.contents));
    theirs.grow(2);
    const asked = writeAddCheckpoint(0, [], theirs.log.checkpoint);
    expect(own.cosigner.addCheckpoint(asked).status).toBe(200);
    for (const by of [4, 1]) twin.grow(by, "'");
    const { peer, evidence } = peerOf(own, twin);
    await peer.look();
    expect(peer.view().state).toBe("fork");
    expect(isFork(evidence[0]!, theirs.log.key, checker)).toBe(true);
  });

  test("that shows less than what was cosigned of it is unproven, and that is said once", async () => {
    const { own, theirs } = pair();
    const restored = new Party(THEIRS, [OWN], new Map(theirs.contents));
    theirs.grow(2);
    own.cosigner.addCheckpoint(writeAddCheckpoint(0, [], theirs.log.checkpoint));
    const { peer, said, evidence } = peerOf(own, restored);
    await peer.look();
    await peer.look();
    expect([peer.view().state, said.length, evidence.length]).toEqual(["unproven", 1, 0]);
  });

  test("that is found forked while it is looked at stays so", async () => {
    const { own, theirs } = pair();
    const found = { older: utf8("a"), newer: utf8("b"), hashes: [] };
    const { peer, said, evidence } = peerOf(own, theirs, {
      log: async (path) => {
        peer.fork(found);
        peer.fork(found);
        return theirs.contents.get(path);
      },
    });
    await peer.look();
    expect([peer.view().state, said.length, evidence]).toEqual(["fork", 1, [found]]);
  });

  test("that is forked stays so where evidence could not be kept at first", async () => {
    const { own, theirs } = pair();
    const twin = new Party(THEIRS, [OWN]);
    twin.grow(5, "'");
    let shown = theirs;
    const { peer, evidence } = peerOf(own, theirs, { log: async (path) => shown.contents.get(path) });
    await peer.look();
    shown = twin;
    const push = evidence.push.bind(evidence);
    evidence.push = () => {
      throw new Error("no room");
    };
    await peer.look();
    expect(peer.view()).toMatchObject({ state: "unproven", reason: "no room" });
    evidence.push = push;
    await peer.look();
    expect([peer.view().state, evidence.length]).toEqual(["fork", 1]);
  });
});

describe("a peer that is asked to cosign", () => {
  test("does, and the log shows it beside what others signed", async () => {
    const { own, theirs } = pair();
    const third = new Party("third.example", [OWN]);
    const parties = [theirs, third];
    const peers = parties.map((party) => peerOf(own, party));
    const keys = parties.map(({ cosigner }) => cosigner.key);
    for (const by of [0, 2, 300]) {
      own.grow(by);
      for (const { peer } of peers) await peer.ask(own.log, keys);
      expect(cosignersOf(own, ...parties)).toEqual([THEIRS, "third.example"]);
      expect(peers.map(({ peer }) => peer.view().cosigned)).toEqual([own.log.size, own.log.size]);
    }
    expect(peers.map(({ said }) => said)).toEqual([
      [`peer ${THEIRS} cosigns this log`],
      ["peer third.example cosigns this log"],
    ]);
  });

  test("is asked once for one size, and goes on from the size that it knows", async () => {
    const { own, theirs } = pair();
    let requests = 0;
    const ask: PeerLink["ask"] = (body) => {
      requests++;
      return theirs.link().ask(body);
    };
    const { peer } = peerOf(own, theirs, { ask });
    for (let minute = 0; minute < 3; minute++) await peer.ask(own.log, [theirs.cosigner.key]);
    expect(requests).toBe(1);
    own.grow(2);
    // Started again, it does not know what the peer cosigned: it is told, and asks again.
    const { peer: again } = peerOf(own, theirs, { ask });
    await again.ask(own.log, [theirs.cosigner.key]);
    expect([requests, cosignersOf(own, theirs)]).toEqual([3, [THEIRS]]);
  });

  test("cosigns what was appended while it answered", async () => {
    const { own, theirs } = pair();
    let isFirst = true;
    const ask: PeerLink["ask"] = async (body) => {
      const answer = await theirs.link().ask(body);
      if (isFirst) own.grow(1);
      isFirst = false;
      return answer;
    };
    const { peer } = peerOf(own, theirs, { ask });
    await peer.ask(own.log, [theirs.cosigner.key]);
    expect([peer.view().cosigned, cosignersOf(own, theirs)]).toEqual([4, [THEIRS]]);
  });

  const answers =
    (status: number, body: string): PeerLink["ask"] =>
    async () => ({ status, body: utf8(body) });
  const signature = `— ${THEIRS} ${Buffer.from(new Uint8Array(76).fill(1)).toString("base64")}\n`;
  test.each<[string, PeerLink["ask"], string]>([
    ["hangs up", () => Promise.reject(new Error("gone")), "cannot be asked to cosign (gone)"],
    ["refuses", answers(403, "no"), "it answers 403"],
    ["says nothing", answers(200, ""), "no signature"],
    ["says what is no line", answers(200, "\u0000\n"), "no signature"],
    ["signs with another key", answers(200, signature), "no signature by the cosigner_key"],
    ["names sizes for ever", answers(409, "1\n"), "one size after another"],
    ["names what no log has", answers(409, "9007199254740991\n"), "this log had 9007199254740991 entries"],
    ["says too much", async () => ({ status: 200, body: new Uint8Array(1 << 20) }), "it answers 200"],
  ])("and %s is told of once, and changes nothing", async (_what, ask, words) => {
    const { own, theirs } = pair();
    const before = own.log.checkpoint;
    const { peer, said } = peerOf(own, theirs, { ask });
    for (let minute = 0; minute < 3; minute++) await peer.ask(own.log, [theirs.cosigner.key]);
    expect(said).toEqual([expect.stringContaining(words)]);
    expect([peer.view().cosigned, readNote(own.log.checkpoint)]).toEqual([null, readNote(before)]);
  });

  test("and forges another peer's cosignature is refused", async () => {
    const { own, theirs } = pair();
    const third = new Party("third.example", [OWN]);
    const { id, name } = third.cosigner.key;
    const blob = Buffer.alloc(4 + 8 + 64, 1);
    blob.writeUInt32BE(id);
    const { peer, said } = peerOf(own, theirs, {
      ask: answers(200, `— ${name} ${blob.toString("base64")}\n`),
    });
    await peer.ask(own.log, [theirs.cosigner.key, third.cosigner.key]);
    expect(said).toEqual([expect.stringContaining("a cosignature of another checkpoint")]);
    expect(cosignersOf(own, third)).toEqual([]);
  });
});
