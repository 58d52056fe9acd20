import { join } from "node:path";
import { type BoardOptions, type RunningBoard, startBoard } from "../../../host-sim/virtual-board/board.js";
import { createMemoryPort } from "../../../host-sim/virtual-board/port.js";
import { createSigner, newPrivateKey } from "../../../node/ports/signer.js";
import { proof } from "../../../node/provision/proof.js";
import type { CommissionOptions } from "../../../provision/operations/commission.js";
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

export function commissionOptions(options: Partial<CommissionOptions> = {}): CommissionOptions {
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
