import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const ROOT = join(__dirname, "../..");

test("a sensor that came back gives no reading before its driver had time for one", () => {
  const script = join(__dirname, "first-sample-of-a-sensor-that-came-back/run.mjs");
  const said = execFileSync(process.execPath, [script, ROOT], { encoding: "utf8" });
  expect(said.trim().split("\n")).toEqual([
    "0 s failed no device",
    "60 s failed no device",
    "180 s reading 21.5",
  ]);
});
