import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { XsProcess } from "../../host-sim/engines/xs/process.js";
import type { Creation } from "../../host-sim/engines/xs/wire.js";
import { temporaryFolder } from "../support/cli.js";
import { Listener, type Outcomes } from "./outcome.js";

/** Far more than a board has: chai and fast-check are in it too. The most that xs-host gives, where it has a limit. */
const ROOM: Creation = {
  slots: 1 << 20,
  chunkBytes: 1 << 26,
  stackSlots: 1 << 14,
  keys: 8192,
  payloadBytes: 0,
  computrons: 4e9,
};

/** Runs a bundle of `bundleTest` on one board on XS, a turn a case. */
export async function runOnXs(program: string, bundle: string, privateKey: Uint8Array): Promise<Outcomes> {
  const path = join(temporaryFolder(), "test.js");
  writeFileSync(path, bundle);
  let silence = "did not end by the end of its turn";
  const ended = (why: string) => {
    silence = why;
  };
  const listener = new Listener();
  const xs = new XsProcess(program, path, (error) => ended(error.message));
  try {
    await xs.ready;
    xs.create(0, ROOM, privateKey, new Uint8Array(0), {
      sent: (_kind, id, bytes) => listener.sent(id, bytes),
      ended: (reason, detail) => ended(`ended: ${reason}: ${detail}`),
    });
    await xs.barrier();
    for (const id of listener.names.keys()) {
      xs.deliver(0, 0, 0, id);
      await xs.barrier();
    }
  } catch (error) {
    ended(String(error)); // the bundle is not even a script
  } finally {
    await xs.close();
  }
  return listener.outcomes(silence);
}
