import { alikeAmong } from "../../text/quoted.js";
import { quoted } from "../../text/visible.js";
import type { BoardClient } from "../board-client.js";
import { checkClock } from "../clock.js";
import { type Network, type Operation, OperationError } from "../events.js";
import { type Authority, STORED, signFor, tellTime } from "./authority.js";
import { asked } from "./board.js";
import { prove } from "./prove.js";

export interface ProvisionOptions extends Authority {
  /** Left out: the board's Wi-Fi stays as it is. An empty password: the network has none. */
  readonly wifi?: { readonly ssid: string; readonly password: string };
  /** Settings of agent/settings, some of them. */
  readonly settings: object;
  /** What people will call the board. */
  readonly name?: string;
  /** Unix time in milliseconds. */
  readonly now: () => number;
  /** Lets the board look for networks first, and refuses one that it does not hear. */
  readonly scan?: boolean;
}

/**
 * Gives a board its settings, its clock and its Wi-Fi, and restarts it so that they count. Settings
 * are checked by the board, whole, before any of them is stored. A board that has an owner already
 * is given them signed, Wi-Fi and all. Throws OperationError.
 */
export async function* provision(client: BoardClient, given: ProvisionOptions): Operation<void> {
  yield { type: "step", step: "provision" };
  const { wifi, settings, name, now } = given;
  checkClock(now(), "provision");
  const { statement } = await prove(client, given);
  const sign = signFor(statement, "provision", given);
  if (given.scan && wifi !== undefined) {
    const networks = await asked("provision", "wifi-missing", () => client.scan());
    yield { type: "networks", networks };
    if (!networks.some(({ ssid }) => ssid === wifi.ssid)) throw notHeard(wifi.ssid, networks);
  }
  const all = sign === undefined || wifi === undefined ? settings : { ...settings, wifi };
  const isAny = Object.keys(all).length > 0;
  const signed = sign !== undefined && isAny ? sign("settings", JSON.stringify(all)) : all;
  await asked("provision", "settings-refused", () => client.settings(signed));
  if (name !== undefined) await asked("provision", "settings-refused", () => client.name(name), STORED);
  if (wifi !== undefined && sign === undefined)
    await asked("provision", "wifi-refused", () => client.wifi(wifi.ssid, wifi.password));
  await restart(client, now, given);
}

/** Starts the board again, so that what it has stored counts, and sets its clock. */
export async function restart(client: BoardClient, now: () => number, authority?: Authority): Promise<void> {
  await asked("provision", "no-firmware", () => client.restart());
  await tellTime(client, "provision", now, authority);
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
