import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { start } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";

const BOARDS = 200;
const BROKERS = 2;
let brokers: Mosquitto[] = [];

beforeAll(async () => {
  // Without a line for each message in its log: there are thousands.
  const quiet = { config: { log_type: "information" } };
  brokers = await Promise.all(Array.from({ length: BROKERS }, () => startMosquitto(quiet)));
});
afterAll(() => Promise.all(brokers.map((broker) => broker.stop())));

test("200 boards on XS, two real brokers, one of them killed: nothing lost", async () => {
  const urls = brokers.flatMap(({ url }) => ["--broker", url]);
  const fleet = ["--engine", "xs", "--devices", String(BOARDS), "--interval", "2s", "--for", "1h"];
  const site = start(["sim", ...fleet, ...urls]);
  await site.said(`sessions ${BOARDS * BROKERS}/${BOARDS * BROKERS}`);
  await brokers[0]?.kill("SIGKILL");
  await site.said(`brokers 1/2  sessions ${BOARDS}/${BOARDS * BROKERS}`);
  // A frame of each board after the broker's end, at the least.
  const signedAt = (text: string) => Number(/signed (\d+)/.exec(text)?.[1]);
  let before = 0;
  await site.said((all) => {
    const [, later = ""] = all.split(/brokers 1\/2 {2}sessions 200\/400/, 2);
    before ||= signedAt(later) || 0;
    const latest =
      all
        .split("\n")
        .filter((line) => line.includes("signed "))
        .at(-1) ?? "";
    return before > 0 && signedAt(latest) >= before + BOARDS;
  });
  site.process.kill("SIGINT");
  const { code, stdout } = await site.finished;
  // Boards keep what only one of two brokers has; the verifier has it all the same.
  const [, signed, verified] =
    /signed (\d+), acknowledged \d+, verified (\d+), lost 0, duplicate \d+, rejected 0/.exec(stdout) ?? [];
  expect({ code, boards: stdout.split(",")[0] }).toEqual({ code: 0, boards: `${BOARDS} boards on XS` });
  expect(verified).toBe(signed);
  expect(Number(signed)).toBeGreaterThanOrEqual(before + BOARDS);
});
