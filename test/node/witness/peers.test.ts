import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { writeAddCheckpoint } from "../../../network/log/add-checkpoint.js";
import { isFork } from "../../../network/log/fork.js";
import { readForkFile } from "../../../network/log/fork-file.js";
import { keptPath } from "../../../network/log/kept-checkpoints.js";
import { noteChecker as checker } from "../../../node/ports/note-keys.js";
import { type NodePeers, openPeers } from "../../../node/witness/peers.js";
import { temporaryFolder } from "../../support/cli.js";
import { noteKey } from "../../support/logs.js";
import { Party } from "../../support/peers.js";
import { VirtualClock } from "../../support/virtual-clock.js";

const OWN = "own.example";
const THEIRS = "theirs.example";
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

/** A party behind HTTP, which can be another one from a moment on. */
async function serve(first: Party) {
  const shown = { party: first };
  const server = createServer(async (request, response) => {
    const link = shown.party.link();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.method === "POST") {
      const { status, body } = await link.ask(Buffer.concat(chunks));
      response.writeHead(status).end(body);
      return;
    }
    const [, folder, path] = /^\/(log|cosigned)\/(.*)$/.exec(request.url ?? "") ?? [];
    const file = await link[folder as "log" | "cosigned"](path as string, 0);
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({
    close() {
      server.close();
      server.closeAllConnections();
    },
  });
  return { shown, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function setUp(url: string, theirs: Party, data = temporaryFolder()) {
  const clock = new VirtualClock();
  const said: string[] = [];
  const peers: NodePeers = openPeers({
    peers: [{ url, key: theirs.log.key, cosignerKey: theirs.cosigner.key }],
    every: 60,
    data,
    name: OWN,
    cosignerKey: noteKey("c"),
    clock,
    report: (line) => said.push(line),
  });
  open.push(peers);
  return { clock, said, peers, data };
}

const until = async (is: () => boolean) => {
  while (!is()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const logOf =
  ({ log }: Party) =>
  () =>
    log;

describe("a witness's peers", () => {
  test("are looked at again and again, and asked at once when the log has grown", async () => {
    const [own, theirs] = [new Party(OWN, [THEIRS]), new Party(THEIRS, [OWN])];
    own.grow(1);
    const { url } = await serve(theirs);
    const { peers, clock, said } = setUp(url, theirs);
    expect(peers.views()).toEqual([]);
    peers.follow(() => own.log);
    await until(() => peers.views()[0]?.cosigned === 1);
    expect(peers.views()).toEqual([{ name: THEIRS, size: 0, state: "up", cosigned: 1 }]);
    own.grow(2);
    peers.grown();
    await until(() => peers.views()[0]?.cosigned === 3);
    theirs.grow(5);
    clock.advance(60_000);
    await until(() => peers.views()[0]?.size === 5);
    expect(said).toHaveLength(2);
  });

  test("have their logs cosigned, which outlives a restart, and shows what was", async () => {
    const theirs = new Party(THEIRS, [OWN]);
    theirs.grow(4);
    const first = setUp("http://127.0.0.1:1", theirs);
    const hash = keptPath(THEIRS, checker).slice(0, 64);
    expect(first.peers.cosigned(hash)).toBeUndefined();
    const request = writeAddCheckpoint(0, [], theirs.log.checkpoint);
    expect(first.peers.addCheckpoint(request).status).toBe(200);
    await open.pop()?.close();
    const { peers } = setUp("http://127.0.0.1:1", theirs, first.data);
    expect(peers.addCheckpoint(request)).toMatchObject({ status: 409, body: "4\n" });
    expect(Buffer.from(peers.cosigned(hash)!).toString()).toContain(`\n4\n`);
    const stranger = new Party("stranger.example", []);
    expect(peers.addCheckpoint(writeAddCheckpoint(0, [], stranger.log.checkpoint)).status).toBe(404);
  });

  test("that fork are evidence in a file, also after a restart", async () => {
    const [own, theirs, twin] = [new Party(OWN, []), new Party(THEIRS, []), new Party(THEIRS, [])];
    theirs.grow(3);
    twin.grow(9, "'");
    const { url, shown } = await serve(theirs);
    const { peers, clock, said, data } = setUp(url, theirs);
    peers.follow(() => own.log);
    await until(() => peers.views()[0]?.state === "up");
    shown.party = twin;
    await until(() => {
      clock.advance(60_000);
      return peers.views()[0]?.state === "fork";
    });
    const [file, ...more] = readdirSync(join(data, "evidence"));
    expect([file, more]).toEqual([expect.stringMatching(/^fork-[0-9a-f]{16}\.json$/), []]);
    const text = readFileSync(join(data, "evidence", file as string), "utf8");
    const { evidence, key } = readForkFile(JSON.parse(text), checker, "file");
    expect([key.name, isFork(evidence, key, checker)]).toEqual([THEIRS, true]);
    expect(said.join("\n")).toContain("fieldmark verify --evidence");
    await peers.close();
    open.splice(open.length - 1);
    const again = setUp(url, theirs, data);
    again.peers.follow(() => own.log);
    expect(again.peers.views()[0]?.state).toBe("fork");
  });

  test("that send two trees of one size to be cosigned are forked at once", () => {
    const [theirs, twin] = [new Party(THEIRS, []), new Party(THEIRS, [])];
    theirs.grow(3);
    twin.grow(3, "'");
    const { peers, data } = setUp("http://127.0.0.1:1", theirs);
    peers.follow(logOf(new Party(OWN, [])));
    expect(peers.addCheckpoint(writeAddCheckpoint(0, [], theirs.log.checkpoint)).status).toBe(200);
    expect(peers.addCheckpoint(writeAddCheckpoint(3, [], twin.log.checkpoint)).status).toBe(422);
    expect(peers.views()[0]?.state).toBe("fork");
    expect(readdirSync(join(data, "evidence"))).toHaveLength(1);
  });

  test("say what they cosigned of a log", async () => {
    const [own, theirs] = [new Party(OWN, []), new Party(THEIRS, [OWN])];
    own.grow(4);
    theirs.cosigner.addCheckpoint(writeAddCheckpoint(0, [], own.log.checkpoint));
    const { url } = await serve(theirs);
    const { peers, said } = setUp(url, theirs);
    expect(await peers.known(own.log.key)).toMatchObject([{ name: THEIRS, size: 4 }]);
    expect(said).toEqual([]);
  });

  test("whose memory is damaged are not taken for new ones", async () => {
    const theirs = new Party(THEIRS, []);
    const data = temporaryFolder();
    const file = join(data, "seen", keptPath(THEIRS, checker));
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, "x");
    const { url } = await serve(theirs);
    const { peers } = setUp(url, theirs, data);
    peers.follow(logOf(new Party(OWN, [])));
    await until(() => peers.views()[0]?.state === "unproven");
    expect(peers.views()[0]).toMatchObject({ size: null, reason: expect.stringContaining("damaged") });
    expect(existsSync(join(data, "evidence"))).toBe(false);
  });

  test("end in the middle of an answer", async () => {
    const theirs = new Party(THEIRS, []);
    let isAsked = false;
    const server = createServer(() => {
      isAsked = true;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({
      close() {
        server.close();
        server.closeAllConnections();
      },
    });
    const { peers } = setUp(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, theirs);
    peers.follow(logOf(new Party(OWN, [])));
    await until(() => isAsked);
    await peers.close();
    open.pop();
  });
});
