import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { reasonOf, reasonText } from "../../node/mqtt/client.js";
import { run, temporaryFolder } from "../support/cli.js";
import { HOSTILE_TEXTS, unfit } from "../support/hostile-text.js";

const folder = temporaryFolder();
const HOSTILE = "\u001b[2J\u009b31m\u202egnp\u2066\u2028\u200b\ud800";
const put = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));

/** What is told of `args`: nothing of it is obeyed, and a text from outside begins no line. */
async function told(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args, { cwd: folder });
  expect(code).toBeGreaterThan(0);
  for (const output of [stdout, stderr]) expect(unfit(output)).toBeUndefined();
  return stdout + stderr;
}

describe("a message repeats nothing that a terminal obeys", () => {
  test("of a file's name", async () => {
    expect(await told("verify", "\u001b[2J\u202e.cborseq")).toContain("\\u{1b}[2J\\u{202e}");
  });

  test("of an option that there is not", async () => {
    expect(await told("keygen", "--\u001b[2J")).toContain("unknown option '--\\u{1b}[2J'");
  });

  test("of a registry's members", async () => {
    put("registry.json", {
      network: "demo",
      devices: [{ did: `did:key:z${HOSTILE}`, site: "a", sensors: [] }],
    });
    await told("verify", "none.cborseq", "--registry", "registry.json");
    put("registry.json", { network: "demo", devices: [], [`${HOSTILE}\nfieldmark: fine`]: 1 });
    const said = await told("verify", "none.cborseq", "--registry", "registry.json");
    expect(said).toContain("\\u{1b}[2J");
    expect(said).not.toMatch(/^fieldmark: fine/m);
  });

  test("of a SenML pack's names", async () => {
    await run(["keygen", "key.json"], { cwd: folder });
    for (const record of [
      { n: `a${HOSTILE}\nfieldmark: fine`, u: "Cel", v: 1 },
      { n: "a", u: `${HOSTILE}\nfieldmark: fine`, v: 1 },
      { n: "a", u: "Cel", v: 1, [`${HOSTILE}\nfieldmark: fine_`]: 1 },
    ]) {
      put("pack.json", [record]);
      const said = await told("sign", "--key-file", "key.json", "--senml", "pack.json");
      expect(said).toContain("\\u{202e}gnp");
      expect(said).not.toMatch(/^fieldmark: fine/m);
    }
    put("pack.json", [{ n: "a", u: "Cel", v: 1, constructor: 1, bt: 1_795_000_000 }]);
    const { code } = await run(["sign", "--key-file", "key.json", "--senml", "pack.json"], { cwd: folder });
    expect(code).toBe(0); // a member that nobody knows is read over (RFC 8428 §4.4)
  });

  test("of a receipt, in words and as JSON", async () => {
    writeFileSync(join(folder, "site.toml"), '[site]\nname = "roof"\nnetwork = "demo"\n');
    put("receipt.json", { receipt: 1, [`${HOSTILE}\nfieldmark: fine`]: 1, site: HOSTILE });
    const enrol = ["enrol", "--site", "site.toml", "--receipt", "receipt.json"];
    expect(await told(...enrol)).toContain("refused (receipt-bad)");
    expect(JSON.parse((await told(...enrol, "--json")).split("\n")[0] ?? "")).toMatchObject({
      type: "refused",
    });
  });

  test.each(HOSTILE_TEXTS.map((text, i): [number, string] => [i, text]))(
    "of a broker that says hostile text %d, or has it in its certificate",
    (_, text) => {
      expect(unfit(reasonText(0x87, text), 200)).toBeUndefined();
      expect(unfit(reasonOf(new Error(text)), 200)).toBeUndefined();
      expect(unfit(reasonOf(new AggregateError([new Error(text)])), 200)).toBeUndefined();
    },
  );
});
