import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { run } from "../support/cli.js";
import { startAsIn } from "./broker-configuration.js";

test("a broker that takes no retained messages gets all frames", async () => {
  const broker = await startAsIn(join(__dirname, "broker-without-retain"), "broker.conf");
  const args = ["sim", "--engine", "node", "--devices", "2", "--broker", broker.url, "--for", "2s", "--json"];
  const { code, stdout, stderr } = await run(args);
  const { frames, troubles } = JSON.parse(stdout);
  expect({ code, stderr, troubles, lost: frames.lost }).toEqual({
    code: 0,
    stderr: "",
    troubles: [],
    lost: 0,
  });
  expect(frames.acknowledged).toBeGreaterThan(0);
  // It was asked for retain once, and then not any more.
  expect(broker.log()).not.toMatch(/disconnected due to (malformed|protocol)/);
  await broker.stop();
});
