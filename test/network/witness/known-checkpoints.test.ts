import { expect, test } from "@jest/globals";
import { keptPath } from "../../../network/log/kept-checkpoints.js";
import { knownCheckpoints } from "../../../network/witness/known-checkpoints.js";
import { noteChecker as checker } from "../../../node/ports/note-keys.js";
import { mustHave } from "../../../node/witness/peers.js";
import { utf8 } from "../../support/logs.js";
import { Party } from "../../support/peers.js";

const OWN = "own.example";
const own = new Party(OWN, []);
own.grow(3);
const old = new Map(own.contents);
const older = own.log.checkpoint;
own.grow(4);

const shows = (name: string, note: Uint8Array | undefined) => ({
  name,
  link: { cosigned: async (path: string) => (path === keptPath(OWN, checker) ? note : undefined) },
});
const silent = { name: "c", link: { cosigned: () => Promise.reject(new Error("no answer")) } };

async function known(...peers: Parameters<typeof knownCheckpoints>[0]) {
  const said: string[] = [];
  const found = await knownCheckpoints(peers, own.log.key, checker, (line) => said.push(line));
  return { found, said };
}

test("what peers know of a log comes largest first, and a log has to have all of it", async () => {
  const { found, said } = await known(shows("a", older), shows("b", own.log.checkpoint), silent);
  expect(found.map(({ name, size }) => [name, size])).toEqual([
    ["b", 7],
    ["a", 3],
  ]);
  expect(said).toEqual(["peer c does not answer: no answer"]);
  mustHave(own.log, found);
  const restored = new Party(OWN, [], new Map(old));
  expect(() => mustHave(restored.log, found)).toThrow(
    /^the log has 3 entries, and had 7: its files are older ones\. Peer b .* restored .* newest copy/,
  );
  restored.grow(4, "'");
  expect(() => mustHave(restored.log, found)).toThrow("it is forked");
});

test("what the log did not sign keeps nobody from starting", async () => {
  const forged = new TextDecoder().decode(own.log.checkpoint).replace("\n7\n", "\n8\n");
  const other = new Party("other.example", []);
  for (const note of [utf8("x"), utf8(forged), other.log.checkpoint, new Uint8Array(1e6)]) {
    const { found, said } = await known(shows("a", note));
    expect([found, said]).toEqual([[], [expect.stringContaining("shows no checkpoint of this log")]]);
  }
});

test("a witness is told where no peer could say", async () => {
  expect((await known(silent)).said.at(-1)).toContain("started without knowing");
  expect((await known(shows("a", undefined), silent)).said).toHaveLength(1);
  expect((await known()).said).toEqual([]);
});
