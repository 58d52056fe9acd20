import { join } from "node:path";
import { type BoardOptions, type RunningBoard, startBoard } from "../../../host-sim/virtual-board/board.js";
import { createMemoryPort } from "../../../host-sim/virtual-board/port.js";
import { createSigner, newPrivateKey } from "../../../node/ports/signer.js";
import { proof } from "../../../node/provision/proof.js";
import type { Bundle } from "../../../provision/bundle/bundle.js";
import type { Operation } from "../../../provision/events.js";
import { type BrokerPatience, checkBrokers } from "../../../provision/operations/brokers.js";
import { type CommissionOptions, commission } from "../../../provision/operations/commission.js";
import { type FlashOptions, flash } from "../../../provision/operations/flash.js";
import { type ProvisionOptions, provision } from "../../../provision/operations/provision.js";
import type { Receipt } from "../../../provision/operations/receipt.js";
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

/** What is tried here: parts of the command line's hooks, by what they are made of. */
export interface Trial extends Partial<CommissionOptions>, FlashOptions {
  readonly bundle?: Bundle;
  readonly provisioning?: ProvisionOptions;
  readonly patience?: BrokerPatience;
}

export const PROVISIONING: ProvisionOptions = {
  settings: { network: NETWORK, brokers: [{ host: "127.0.0.1", port: 1 }] },
  wifi: { ssid: SSID, password: WIFI_PASSWORD },
  scan: true,
  name: "roof 1",
  owner: owner.publicKey,
  signer: owner,
  now: () => Date.now(),
  ...proof,
};

/** Commissions a board as `fieldmark batch` does. */
export async function* commissionBoard(wire: Wire, trial: Trial = {}): Operation<Receipt> {
  const { bundle, provisioning = PROVISIONING, patience, accept, downgrade, ...hooks } = trial;
  const { receipt } = yield* commission(wire, {
    network: NETWORK,
    site: "roof",
    ...proof,
    owner,
    now: () => Date.now(),
    ranges: () => RANGES,
    register: async () => {},
    provision: (client) => provision(client, provisioning),
    flash:
      bundle &&
      ((at) =>
        flash(at, bundle, {
          baud: 115_200,
          ...(accept && { accept }),
          ...(downgrade !== undefined && { downgrade }),
        })),
    manifestSha256: bundle?.manifestSha256,
    brokers: patience && ((client) => checkBrokers(client, { ...patience, offline: "fails" })),
    ...hooks,
  });
  return receipt;
}
