import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { jsonLines, run, temporaryFolder } from "../support/cli.js";
import { Technician } from "../support/technician.js";

const folder = temporaryFolder();
const technician = new Technician(folder);
const path = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(path(name), "utf8");
const site = (batch: string) =>
  [
    '[site]\nname = "roof"\nnetwork = "demo"',
    '[wifi]\nssid = "field"\npassword_file = "wifi.txt"',
    `[batch]\n${batch}`,
  ].join("\n");

beforeAll(() => {
  writeFileSync(path("wifi.txt"), "geheim-wlan-7\n");
  writeFileSync(path("places.csv"), "name;lat;lon;alt\nNordost;47,3769;8,5417;408\n");
  writeFileSync(path("list.toml"), site('names_file = "places.csv"'));
  writeFileSync(path("asked.toml"), site('ask_names = true\nlog = "asked.jsonl"'));
});

describe("a board of a batch has its own name, on the board, in registry, receipt, label and log", () => {
  test("from a list with positions", async () => {
    const { running, port } = await technician.board("--tcp");
    const batch = ["batch", "list.toml", "-p", port, "--no-broker-check"];
    const { code, stderr } = await technician.fieldmark(...batch);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('name "Nordost", at 47.3769,8.5417,408'),
    });
    const place = { name: "Nordost", position: { lat: 47.3769, lon: 8.5417, alt: 408 } };
    expect(JSON.parse(read("registry.json"))).toMatchObject({ devices: [{ site: "roof", ...place }] });
    const [receipt = ""] = readdirSync(path("receipts")).filter((name) => name.endsWith(".json"));
    expect(JSON.parse(read(`receipts/${receipt}`))).toMatchObject({ site: "roof", ...place });
    const label = read(`receipts/${receipt.replace("json", "svg")}`);
    for (const line of ["Nordost", "roof", "47.3769 8.5417"]) expect(label).toContain(`>${line}</text>`);
    expect(jsonLines(read("batch.jsonl"))).toMatchObject([{ name: "Nordost", outcome: "done" }]);
    const scanned = await technician.fieldmark("scan", "-p", port, "--identify", "--json");
    expect(jsonLines(scanned.stdout)).toMatchObject([{ name: "Nordost" }]);

    const asked = ["batch", "asked.toml", "-p", port, "--no-broker-check"];
    const taken = await run(asked, { cwd: folder, input: "\nSüdwest\n" });
    running.process.kill();
    // The registry has it by its old name.
    expect(taken.stderr).toContain("Name of board ");
    expect(taken.stderr).toContain('name "Südwest"');
    expect(taken.stderr).toContain("failed (enrolled-already)");
  });

  test.each([
    [
      "two sources",
      'name = "roof {n}"\nask_names = true',
      "batch has more than one of name, names_file and ask_names",
    ],
    ["a name without a number", 'name = "roof"', "batch.name is not a name with a number in it, written {n}"],
    ["a list that is not there", 'names_file = "none.csv"', "none.csv: there is no such file"],
  ])("%s: said before any board is touched", async (_name, batch, said) => {
    writeFileSync(path("wrong.toml"), site(batch));
    const { code, stderr } = await technician.fieldmark("batch", "wrong.toml", "-p", "/dev/none");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
  });
});
