import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { AGENT, flaky, type Run, runOnV8 } from "../host-sim/engines/xs/virtual-board.js";
import { bundleAgent, KEY } from "../host-sim/engines/xs/xs-host.js";
import { temporaryFolder } from "../support/cli.js";
import { BUILD_TIMEOUT, buildFirmware, Device, describeWithSdk, writeKey } from "./sdk.js";

const SEED = new Uint8Array(32).fill(9);
/** Messages to the board. Its frames go to a file that the firmware reads whole. */
const TURNS = 2000;

/**
 * The same board, key and messages as in test/host-sim/engines/xs/same-bytes.test.ts, which
 * compares Node and the XS host.
 */
describeWithSdk("the SDK's bindings of ports", () => {
  beforeAll(() => buildFirmware("conformance"), BUILD_TIMEOUT);

  test("keep what their conformance suites ask of them: clock, flash in files", async () => {
    const device = new Device("conformance", temporaryFolder());
    await device.until(() => device.lines.includes("end"));
    await device.kill("SIGTERM");
    const cases = device.events.filter(({ type }) => type === "case");
    expect(cases.filter(({ failure }) => failure !== "")).toEqual([]);
    for (const port of ["clock", "flash"])
      expect(cases.filter(({ name }) => String(name).startsWith(`${port}: `)).length).toBeGreaterThan(9);
  });
});

describeWithSdk("sim firmware and Node", () => {
  let v8: Run;

  beforeAll(async () => {
    await buildFirmware("conformance");
    v8 = runOnV8(await bundleAgent(), KEY, SEED, flaky(TURNS));
  }, BUILD_TIMEOUT);

  async function playOnFirmware(key: Uint8Array): Promise<string[]> {
    const home = temporaryFolder();
    writeKey(home, key);
    writeFileSync(
      join(home, "run.json"),
      JSON.stringify({
        seed: Buffer.from(SEED).toString("hex"),
        config: JSON.stringify(AGENT),
        messages: v8.messages.map(({ uptime, kind, id, bytes }) => [
          uptime,
          kind,
          id,
          bytes === undefined ? null : Buffer.from(bytes).toString("hex"),
        ]),
      }),
    );
    const device = new Device("conformance", home);
    await device.until(() => device.lines.includes("end"));
    await device.kill("SIGTERM");
    return device.lines.filter((said) => /^\d+ \d+ [0-9a-f]*$/.test(said));
  }

  test("say the same, byte for byte: frames, store, timers, links", async () => {
    const firmware = await playOnFirmware(KEY);
    const differs = v8.said.findIndex((said, at) => said !== firmware[at]);
    expect({ differs, v8: v8.said[differs], firmware: firmware[differs] }).toEqual({ differs: -1 });
    expect(firmware).toHaveLength(v8.said.length);
    const frames = v8.frames.map((frame) => Buffer.from(frame).toString("hex"));
    expect(frames.length).toBeGreaterThan(100);
    for (const frame of frames) expect(firmware.some((said) => said.endsWith(frame))).toBe(true);
  });

  test("another key shows", async () => {
    expect(await playOnFirmware(new Uint8Array(32).fill(2))).not.toEqual(v8.said);
  });
});
