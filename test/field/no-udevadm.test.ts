import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { listPorts } from "../../node/serial/ports.js";
import { jsonLines, run, temporaryFolder } from "../support/cli.js";
import { Technician } from "../support/technician.js";

const folder = temporaryFolder();
/** A PATH that leads nowhere, as far as udevadm is concerned. */
const bare = { cwd: folder, env: { PATH: temporaryFolder(), ESPTOOL_PORT: undefined } };
const technician = new Technician(folder);
let port = "";
let maker = "";

beforeAll(async () => {
  writeFileSync(join(folder, "wifi.txt"), "secret-of-the-field\n");
  ({ port } = await technician.board("--tcp"));
  maker = String(jsonLines((await technician.fieldmark("keygen", "maker.json", "--json")).stdout)[0]?.did);
  await technician.fieldmark("bundle", "--sample", "esp32c3", "--key-file", "maker.json", "--out", "x.zip");
});

test("a port that is named is identified", async () => {
  const { code, stdout, stderr } = await run(["scan", "--identify", "--json", "--port", port], bare);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(jsonLines(stdout)).toEqual([expect.objectContaining({ path: port, chip: "esp32c3" })]);
});

test("scan lists what there is", async () => {
  const { code, stderr } = await run(["scan"], bare);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("flash without --port says that a port has to be named", async () => {
  // A board that is plugged in here is not for tests to flash.
  if ((await listPorts()).some(({ bridge }) => bridge !== undefined)) return;
  const { code, stdout, stderr } = await run(["flash", "x.zip", "--signer", maker], bare);
  const said = stdout + stderr;
  expect({ code, said }).toEqual({ code: 2, said: expect.stringContaining("no port looks like a board") });
  expect(said).toContain("--port");
});

test("doctor looks at ports all the same", async () => {
  const { stdout, stderr } = await run(["doctor", "--port", port], bare);
  expect(stdout + stderr).toContain(`port ${port}`);
  expect(stdout + stderr).not.toContain("udevadm");
});
