import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { run, temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";

const folder = temporaryFolder();
const SIM = ["sim", "--engine", "node", "--devices", "1", "--for", "1s", "--interval", "200ms"];
/** That of the case, and others that a URL is split at, ends at, or means something else by. */
const USERS: [string, string][] = [
  ["field", "a:b"],
  ["me@home", "/?#%@: ü€😀"],
  ["50%off", ":%41:"],
];
let broker: Mosquitto;

beforeAll(async () => {
  const file = join(folder, "pw");
  writeFileSync(file, "", { mode: 0o600 });
  const PATH = [process.env.PATH, "/usr/bin", "/usr/local/bin"].join(delimiter);
  for (const [user, password] of USERS)
    execFileSync("mosquitto_passwd", ["-b", file, user, password], { env: { ...process.env, PATH } });
  broker = await startMosquitto({ config: { allow_anonymous: false, password_file: file } });
});

afterAll(() => broker.stop());

test.each(USERS)("%s with the password %s, from the environment and in the URL", async (user, password) => {
  const env = { FIELDMARK_BROKER_USER: user, FIELDMARK_BROKER_PASSWORD: password };
  const plain = await run([...SIM, "--broker", broker.url], { env });
  const credentials = [user, password].map(encodeURIComponent).join(":");
  const inUrl = await run([...SIM, "--broker", broker.url.replace("//", `//${credentials}@`)]);
  for (const { code, stdout, stderr } of [plain, inUrl]) {
    expect({ code, stderr }).toMatchObject({ code: 0 });
    for (const secret of [password, credentials]) expect(stdout + stderr).not.toContain(secret);
  }
});

test("a wrong one is refused, and in no output", async () => {
  const env = { FIELDMARK_BROKER_USER: "field", FIELDMARK_BROKER_PASSWORD: "wrong:secret" };
  const { code, stdout, stderr } = await run([...SIM, "--broker", broker.url], { env });
  expect(stdout + stderr).toContain("Not authorized");
  expect(stdout + stderr).not.toContain("secret");
  expect(code).toBe(1);
});
