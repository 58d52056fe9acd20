import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "@jest/globals";
import { temporaryFolder } from "../support/cli.js";
import { Pty } from "./pty.js";
import { BUILD_TIMEOUT, buildFirmware, Device, describeWithSdk } from "./sdk.js";

/**
 * ASCII EOT: test/firmware/conformance/echo.ts sends it as it opens, and opens again when it comes.
 */
const REOPEN = 4;

describeWithSdk("the SDK's serial, on a pty", () => {
  beforeAll(() => buildFirmware("conformance"), BUILD_TIMEOUT);

  const running: { readonly pty: Pty; readonly device: Device }[] = [];

  afterEach(async () => {
    for (const { pty, device } of running.splice(0)) {
      await device.kill("SIGKILL");
      await pty.cut();
    }
  });

  async function startEcho(): Promise<{ pty: Pty; device: Device }> {
    const pty = await Pty.open();
    const home = temporaryFolder();
    writeFileSync(join(home, "serial.txt"), pty.path);
    const device = new Device("conformance", home);
    running.push({ pty, device });
    expect([...(await pty.take(1))]).toEqual([REOPEN]);
    return { pty, device };
  }

  test("every byte value comes through, and 100 KB that are read as they come", async () => {
    const { pty } = await startEcho();
    const bytes = Uint8Array.from({ length: 512 }, (_, i) => (i % 256 === REOPEN ? 0 : i));
    pty.send(bytes);
    expect(Buffer.from(await pty.take(512)).equals(bytes)).toBe(true);
    for (let i = 0; i < 200; i++) {
      pty.send(bytes);
      expect(Buffer.from(await pty.take(512)).equals(bytes)).toBe(true);
    }
  });

  test("closed and opened again from inside of a call, 100 times", async () => {
    const { pty } = await startEcho();
    for (let i = 0; i < 100; i++) {
      pty.send(Uint8Array.of(REOPEN));
      while ((await pty.take(1))[0] !== REOPEN);
    }
    pty.send(Uint8Array.of(1));
    let last = REOPEN;
    while (last === REOPEN) [last = 0] = await pty.take(1);
    expect(last).toBe(1);
  });

  test("a cable that is pulled is told once, and the machine goes on", async () => {
    const { pty, device } = await startEcho();
    await pty.cut();
    expect(await device.event("serial-closed")).toMatchObject({ reason: "the wire is gone" });
    expect(await device.kill("SIGTERM")).toBe(0);
    expect(device.count("serial-closed")).toBe(1);
  });
});
