import { quoted } from "../../network/visible.js";
import type { BoardClient } from "../board-client.js";
import { checkClock } from "../clock.js";
import { type Network, type Operation, OperationError } from "../events.js";
import { alikeAmong } from "../quoted.js";
import { asked } from "./board.js";

const STORED = "The settings are stored already; mend this and try again.";

export interface Provisioning {
  /** Left out: the board's Wi-Fi stays as it is. An empty password: the network has none. */
  readonly wifi?: { readonly ssid: string; readonly password: string };
  /** Settings of agent/settings, some of them. */
  readonly settings: object;
  /** What people will call the board. */
  readonly name?: string;
  /** 33 bytes: whose signed commands the board obeys from now on. */
  readonly owner?: Uint8Array;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Lets the board look for networks first, and refuses one that it does not hear. */
  readonly scan?: boolean;
}

/**
 * Gives a board its settings, its clock and its Wi-Fi, and starts it anew so that they count. Settings are checked by the board,
 * whole, before any of them is stored. Throws OperationError.
 */
export async function* provision(client: BoardClient, given: Provisioning): Operation<void> {
  yield { type: "step", step: "provision" };
  const { wifi, settings, name, owner, now } = given;
  checkClock(now(), "provision");
  if (given.scan && wifi !== undefined) {
    const networks = await asked("provision", "wifi-missing", () => client.scan());
    yield { type: "networks", networks };
    if (!networks.some(({ ssid }) => ssid === wifi.ssid)) throw notHeard(wifi.ssid, networks);
  }
  // First, since a board of another owner keeps what it has.
  if (owner !== undefined) await asked("provision", "other-owner", () => client.owner(owner));
  await asked("provision", "settings-refused", () => client.settings(settings));
  if (name !== undefined) await asked("provision", "settings-refused", () => client.name(name), STORED);
  if (wifi !== undefined)
    await asked("provision", "wifi-refused", () => client.wifi(wifi.ssid, wifi.password));
  await restart(client, now);
}

/** Starts the board again, so that what it has stored counts, and sets its clock. */
export async function restart(client: BoardClient, now: () => number): Promise<void> {
  await asked("provision", "no-firmware", () => client.restart());
  await asked("provision", "settings-refused", () => client.setClock(now()), STORED);
}

function notHeard(ssid: string, networks: readonly Network[]): OperationError {
  const names = networks.map((network) => network.ssid);
  const alike = alikeAmong(ssid, names).map(quoted);
  const hint =
    alike.length === 0
      ? "Is the name right, the network on 2.4 GHz, and near enough?"
      : `It hears ${alike.join(" and ")}: only spaces, capital letters or signs that look alike differ. Give the name exactly so.`;
  const message = `the board does not hear the network ${quoted(ssid)}`;
  return new OperationError("provision", "wifi-missing", message, `Nothing was stored. ${hint}`);
}
