import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { writeForkFile } from "../../network/log/fork-file.js";
import { verifierKeyText } from "../../network/log/note-key.js";
import { writeReceipt } from "../../network/witness/frame-receipt.js";
import { jsonLines, run, temporaryFolder } from "../support/cli.js";
import { Party, peerOf } from "../support/peers.js";
import { logOneFrame } from "../support/receipts.js";

const folder = temporaryFolder();
const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe("verify --receipt", () => {
  const own = new Party("own.example", []);
  const cosigners = ["b.example", "c.example", "d.example"].map((name) => new Party(name, ["own.example"]));
  const receipt = logOneFrame(own.log, own.log.key.publicKey);
  const given = cosigners.flatMap(({ cosigner }) => ["--cosigner", verifierKeyText(cosigner.key)]);

  test("names those of the given cosigners that signed", async () => {
    const keys = cosigners.map(({ cosigner }) => cosigner.key);
    for (const party of cosigners.slice(0, 2)) await peerOf(own, party).peer.ask(own.log, keys);
    const path = file("receipt.json", JSON.stringify(writeReceipt(receipt())));
    const plain = await run(["verify", "--receipt", path]);
    expect([plain.code, plain.stdout.includes("cosigned")]).toEqual([0, false]);
    const named = await run(["verify", "--receipt", path, ...given]);
    expect([named.code, named.stdout]).toEqual([
      0,
      expect.stringContaining("cosigned   by 2 of the 3 that were named: b.example, c.example\n"),
    ]);
    const [json] = jsonLines((await run(["verify", "--json", "--receipt", path, ...given])).stdout);
    expect(json).toMatchObject({ ok: true, cosigners: ["b.example", "c.example"] });
    const last = await run(["verify", "--receipt", path, ...given.slice(4)]);
    expect([last.code, last.stdout]).toEqual([
      0,
      expect.stringContaining("cosigned   by 0 of the 1 that were named\n"),
    ]);
  });

  test("proves nothing where a given cosigner did not sign what bears its name", async () => {
    const { log, ...rest } = receipt();
    const { id, name } = cosigners[2]!.cosigner.key;
    const blob = Buffer.alloc(76, 1);
    blob.writeUInt32BE(id);
    const checkpoint = `${log.checkpoint}— ${name} ${blob.toString("base64")}\n`;
    const forged = writeReceipt({ ...rest, log: { ...log, checkpoint } });
    const path = file("forged.json", JSON.stringify(forged));
    const { code, stderr } = await run(["verify", "--receipt", path, ...given]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("a wrong signature")]);
  });

  test.each([["x"], [verifierKeyText(own.log.key)]])("takes no --cosigner %s", async (key) => {
    const { code, stderr } = await run(["verify", "--receipt", "r", "--cosigner", key]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--cosigner: ")]);
  });
});

describe("verify --evidence of a fork", () => {
  async function evidence() {
    const [theirs, twin] = [new Party("theirs.example", []), new Party("theirs.example", [])];
    theirs.grow(3);
    twin.grow(8, "'");
    let shown = theirs;
    const seen = peerOf(new Party("own.example", []), theirs, {
      log: async (path) => shown.contents.get(path),
    });
    await seen.peer.look();
    shown = twin;
    await seen.peer.look();
    return writeForkFile(seen.evidence[0]!, theirs.log.key);
  }

  test("says which log is forked", async () => {
    const path = file("fork.json", await evidence());
    const { code, stdout } = await run(["verify", "--evidence", path]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/: ok: log theirs\.example is forked\nkey +theirs\.example\+.*\n.*3 entries.*8/),
    ]);
    const [json] = jsonLines((await run(["verify", "--json", "--evidence", path])).stdout);
    expect(json).toMatchObject({ ok: true, log: "theirs.example", older: 3, newer: 8 });
  });

  test("fails where it proves nothing, or is none", async () => {
    const whole = JSON.parse(await evidence());
    const same = file("same.json", JSON.stringify({ ...whole, newer: whole.older, hashes: [] }));
    const proves = await run(["verify", "--evidence", same]);
    expect([proves.code, proves.stderr]).toEqual([1, expect.stringContaining("it proves nothing")]);
    const other = await run(["verify", "--evidence", file("other.json", '{"type":"\\u001b[31m"}')]);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining("no evidence of a fork: type")]);
    expect(other.stderr).not.toContain("\u001b");
  });
});
