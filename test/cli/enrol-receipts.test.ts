import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { base64 } from "@scure/base";
import { didOfKey } from "../../agent/frame/identity.js";
import { writeKeyFile } from "../../node/key-file.js";
import { loadRegistry } from "../../node/network/registry-file.js";
import { createSigner, newPrivateKey, signatureChecker } from "../../node/ports/signer.js";
import { enrolmentFile, readChain } from "../../node/provision/enrolment-files.js";
import { countersign, readEnrolment } from "../../provision/operations/enrol.js";
import type { Receipt } from "../../provision/operations/receipt.js";
import { outcomeOf } from "../provision/support/firmware.js";
import { commissionBoard, PROVISIONING, plug } from "../provision/support/plugged-board.js";
import { jsonLines, run, temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
const ownerKey = newPrivateKey();
const owner = createSigner(ownerKey);
const SITE = '[site]\nname = "roof"\nnetwork = "demo"\n';
let first: Receipt;
let second: Receipt;

/** As the page makes it: without an owner's key, but for its public half where the site file says it. */
async function receiptOfNewBoard(ownerKey?: Uint8Array): Promise<Receipt> {
  const { board, wire } = plug({ blank: false });
  const provisioning = { ...PROVISIONING, owner: ownerKey, signer: undefined };
  const { result, error } = await outcomeOf(
    commissionBoard(wire, { owner: undefined, ownerKey, provisioning }),
  );
  board.stop();
  if (result === undefined) throw error;
  return result;
}

beforeAll(async () => {
  writeKeyFile(join(folder, "owner.json"), ownerKey);
  writeFileSync(join(folder, "site.toml"), `${SITE}[owner]\nkey_file = "owner.json"\n`);
  writeFileSync(
    join(folder, "without-key.toml"),
    `${SITE}[owner]\ndid = "${didOfKey(owner.publicKey)}"\n[batch]\nregistry = "other.json"\n`,
  );
  first = await receiptOfNewBoard();
  second = await receiptOfNewBoard(owner.publicKey);
});

const put = (name: string, content: unknown) =>
  writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
const enrol = (...args: string[]) => run(["enrol", ...args], { cwd: folder });
const filed = (receipt: Receipt): Receipt =>
  JSON.parse(readFileSync(join(folder, "receipts", `${receipt.device}.json`), "utf8"));

test("receipts from the page become entries of the registry, countersigned; the same again changes nothing", async () => {
  put("one.json", first);
  put("day.json", [first, second]); // as "Save all receipts" has them
  const one = await enrol("--site", "site.toml", "--receipt", "one.json", "--json");
  expect(one).toMatchObject({ code: 0, stderr: "" });
  expect(jsonLines(one.stdout)).toMatchObject([
    { type: "enrolled", file: "one.json", device: first.device, site: "roof" },
    { type: "summary", enrolled: 1, known: 0, refused: 0 },
  ]);
  const day = await enrol("--site", "site.toml", "--receipt", "day.json", "one.json");
  expect(day.code).toBe(0);
  expect(day.stdout.split("\n").slice(0, 3)).toEqual([
    expect.stringContaining(`day.json #1: enrolled already: device ${first.device}`),
    expect.stringContaining(`day.json #2: enrolled: device ${second.device}`),
    expect.stringContaining(`one.json: enrolled already: device ${first.device}`),
  ]);
  const registry = loadRegistry(join(folder, "registry.json"));
  expect([registry.size, registry.network]).toEqual([2, "demo"]);
  expect(registry.device(second.device)).toMatchObject({ did: second.did, site: "roof" });
  const signed = base64.decode(filed(first).countersigned ?? "");
  expect(readEnrolment(signed, owner.publicKey, signatureChecker)).toMatchObject({
    network: "demo",
    site: "roof",
    statement: { did: first.did },
  });
  expect(existsSync(join(folder, "receipts", `${first.device}.svg`))).toBe(true);
  // The owner's statement for witnesses: of the board that proved itself to this owner.
  const enrolments = join(folder, "registry.enrolments");
  expect(readdirSync(enrolments)).toEqual([`${second.device}.enrolment`]);
  const { device } = readChain(enrolmentFile(enrolments, second.device));
  const since = Math.floor(Date.parse(second.at) / 1000);
  expect(device).toMatchObject({ did: second.did, owner: didOfKey(owner.publicKey), site: "roof", since });
  // Countersigned by now, and checked as such; without the key a registry can be made of it elsewhere.
  put("filed.json", filed(first));
  const elsewhere = await enrol("--site", "without-key.toml", "--receipt", "filed.json");
  expect(elsewhere).toMatchObject({ code: 0, stdout: expect.stringContaining("filed.json: enrolled: ") });
  expect(loadRegistry(join(folder, "other.json")).size).toBe(1);
  // An older receipt does not take the place of a newer one.
  put("older.json", { ...first, mac: null, at: new Date(Date.parse(first.at) - 1000).toISOString() });
  await enrol("--site", "site.toml", "--receipt", "older.json");
  expect(filed(first).at).toBe(first.at);
});

describe("a receipt that is not good is refused, says why, and changes nothing", () => {
  const other = createSigner(newPrivateKey());
  const signedBy = (signer: typeof other, of: Receipt, site = "roof") =>
    base64.encode(countersign("demo", site, base64.decode(of.statement), signer));
  const flip = (text: string) => {
    const bytes = base64.decode(text);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    return base64.encode(bytes);
  };
  const changed = (change: (receipt: Receipt) => object) => () => ({ ...first, ...change(first) });
  const table: readonly (readonly [string, () => unknown, string, string])[] = [
    ["not JSON", () => "{ nonsense", "receipt-bad", "not JSON"],
    ["another thing in JSON", () => ({ network: "demo", devices: [] }), "receipt-bad", "no receipt"],
    ["a number", () => 7, "receipt-bad", "no receipt"],
    ["a member too many", changed(() => ({ more: 1 })), "receipt-bad", "no receipt"],
    ["a way out of the folder", changed(() => ({ device: "../../../../tmp/x" })), "receipt-bad", "device"],
    [
      "a statement that was changed",
      changed(({ statement }) => ({ statement: flip(statement) })),
      "statement-bad",
      "",
    ],
    ["no statement", changed(() => ({ statement: "AAAA" })), "statement-bad", ""],
    ["another board's statement", changed(() => ({ statement: second.statement })), "receipt-bad", "device"],
    [
      "a frame that was changed",
      changed(({ frame }) => ({ frame: flip(frame) })),
      "reading-bad",
      "bad-signature",
    ],
    ["another board's frame", changed(() => ({ frame: second.frame })), "reading-bad", "unknown-device"],
    ["another name", changed(() => ({ device: second.device })), "receipt-bad", "device"],
    ["another key", changed(() => ({ did: second.did })), "receipt-bad", "did"],
    ["other sensors", changed(() => ({ sensors: [] })), "receipt-bad", "sensors"],
    ["another day", changed(() => ({ at: "2031-01-01T00:00:00.000Z" })), "receipt-bad", "another time"],
    ["another network", changed(() => ({ network: "other" })), "receipt-bad", 'network "other"'],
    ["another site", changed(() => ({ site: "cellar" })), "receipt-bad", 'site "cellar"'],
    ["a place that draws on the terminal", changed(() => ({ site: "\u001b[2J" })), "receipt-bad", "site"],
    [
      "another owner",
      changed((of) => ({ countersigned: signedBy(other, of) })),
      "receipt-bad",
      "countersigned",
    ],
    [
      "the owner's signature over another board",
      changed(() => ({ countersigned: signedBy(owner, second) })),
      "receipt-bad",
      "another board",
    ],
    [
      "the owner's signature for another site",
      changed((of) => ({ countersigned: signedBy(owner, of, "cellar") })),
      "receipt-bad",
      "another place",
    ],
  ];
  test("each kind, and the good one beside them is enrolled", async () => {
    mkdirSync(join(folder, "hostile"));
    const names = table.map(([, make], i) => {
      put(`hostile/${i}.json`, make());
      return `hostile/${i}.json`;
    });
    put("good.json", second);
    const { code, stdout, stderr } = await enrol(
      ...["--site", "site.toml", "--registry", "hostile/registry.json", "--receipts", "hostile/receipts"],
      ...["--json", "--receipt", ...names, "good.json"],
    );
    const lines = jsonLines(stdout);
    expect([code, stderr, lines.length]).toEqual([1, "", table.length + 2]);
    for (const [i, [name, , refusal, reason]] of table.entries())
      expect([name, lines[i]]).toMatchObject([
        name,
        { type: "refused", file: names[i], code: refusal, reason: expect.stringContaining(reason) },
      ]);
    expect(loadRegistry(join(folder, "hostile/registry.json")).size).toBe(1);
    expect(existsSync(join(folder, "hostile/receipts", `${first.device}.json`))).toBe(false);
  });

  test("with another registry's network, with a file that is not there, without a network: exit code 2", async () => {
    put("one.json", first);
    put("strange.json", { network: "strange", devices: [] });
    const strange = await enrol("--site", "site.toml", "--registry", "strange.json", "--receipt", "one.json");
    expect(strange).toMatchObject({ code: 2, stderr: expect.stringContaining('of network "strange"') });
    const missing = await enrol("--site", "site.toml", "--receipt", "none.json");
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("none.json") });
    const nowhere = await enrol("--receipt", "one.json");
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining("--network") });
    put("both.toml", `${SITE}[owner]\nkey_file = "owner.json"\ndid = "${didOfKey(other.publicKey)}"\n`);
    const both = await enrol("--site", "both.toml", "--receipt", "one.json");
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("owner.did is not") });
  });
});
