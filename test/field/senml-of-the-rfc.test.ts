import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { run, temporaryFolder } from "../support/cli.js";

const CASE = join(__dirname, "senml-of-the-rfc");
const folder = temporaryFolder();

beforeAll(async () => {
  expect((await run(["keygen", "k.json"], { cwd: folder })).code).toBe(0);
});

async function sign(file: string) {
  copyFileSync(join(CASE, file), join(folder, file));
  return run(["sign", "--key-file", "k.json", "--senml", file, "--json"], { cwd: folder });
}

describe("SenML as RFC 8428 allows it", () => {
  test.each(["bver.json", "base-only.json", "unknown-label.json"])("%s is signed", async (file) => {
    expect(await sign(file)).toMatchObject({ code: 0, stderr: "" });
  });

  test.each([
    ["milliseconds.json", "a time of 1795000000123: SenML has seconds, and these look like milliseconds"],
    ["twice.json", "the same member twice in one object: see character 27"],
  ])("%s is refused with a word", async (file, says) => {
    const { code, stdout, stderr } = await sign(file);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`${file}: `);
    expect(stderr).toContain(says);
  });
});
