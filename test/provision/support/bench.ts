import { join } from "node:path";
import { createSigner, newPrivateKey } from "../../../host-sim/ports/signer.js";
import { type BoardOptions, type RunningBoard, startBoard } from "../../../host-sim/provision/board.js";
import { createMemoryPort } from "../../../host-sim/provision/port.js";
import { proof } from "../../../provision/node/proof.js";
import type { GestureOptions } from "../../../provision/operations/gesture.js";
import type { Wire } from "../../../provision/wire.js";
import { temporaryFolder } from "../../support/cli.js";

export const SSID = "field";
export const WIFI_PASSWORD = "correct-horse-battery";
export const WIFI = {
  networks: [{ ssid: SSID, rssi: -50, isSecured: true }],
  passwords: { [SSID]: WIFI_PASSWORD },
  delay: 5,
};
export const NETWORK = "demo";
export const owner = createSigner(newPrivateKey());
const root = temporaryFolder();
let folders = 0;

/** A new board on a wire in memory; `plug` again with the same folder is the same board. */
export function plug(options: Partial<BoardOptions> = {}): {
  board: RunningBoard;
  wire: Wire;
  state: string;
} {
  const { side, wire } = createMemoryPort();
  const state = options.state ?? join(root, String(++folders));
  const board = startBoard({
    state,
    port: side,
    wifi: WIFI,
    blank: true,
    console: false,
    observe() {},
    ...options,
  });
  return { board, wire, state };
}

export const RANGES = new Map([
  ["temperature", { unit: "Cel", min: -40, max: 60 }],
  ["humidity", { unit: "/", min: 0, max: 1 }],
  ["pressure", { unit: "Pa", min: 80_000, max: 110_000 }],
]);

export function gestureOptions(options: Partial<GestureOptions> = {}): GestureOptions {
  return {
    network: NETWORK,
    site: "roof",
    baud: 115_200,
    ...proof,
    owner,
    now: () => Date.now(),
    ranges: () => RANGES,
    provisioning: {
      settings: { network: NETWORK, brokers: [{ host: "127.0.0.1", port: 1 }] },
      wifi: { ssid: SSID, password: WIFI_PASSWORD },
      scan: true,
      name: "roof 1",
      owner: owner.publicKey,
      signer: owner,
      now: () => Date.now(),
      ...proof,
    },
    register: async () => {},
    ...options,
  };
}
