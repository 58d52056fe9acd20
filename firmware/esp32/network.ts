import type { BoardSettings } from "../../agent/settings/board-settings.js";
import type { BoardClock } from "../ports/clock.js";
import { TimeKeeper } from "./time-keeper.js";
import { WifiKeeper } from "./wifi.js";

/** Milliseconds after which a board measures without a network or without the time of day. */
const PATIENCE = 60_000;

/** Wi-Fi, then the time of day; `ready` once, when both are there or have taken too long. Both are kept up afterwards. */
export function startNetwork(settings: BoardSettings, clock: BoardClock, ready: () => void): void {
  let isReady = false;
  const once = () => {
    if (isReady) return;
    isReady = true;
    clock.clearTimer(patience);
    ready();
  };
  const patience = clock.setTimer(once, PATIENCE);
  const time = new TimeKeeper(settings.sntp, clock, once);
  if (settings.wifi.ssid !== "") new WifiKeeper(settings.wifi, clock, () => time.ask());
}
