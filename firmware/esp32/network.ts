import type { BoardSettings } from "../../agent/settings/board-settings.js";
import type { DeviceClock, NetworkHandler } from "../platform.js";
import { TimeKeeper } from "./time-keeper.js";
import { WifiKeeper } from "./wifi.js";

/** Milliseconds after which a board measures without a network or without the time of day. */
const PATIENCE = 60_000;

/** Wi-Fi, then the time of day; `ready` when both are there or have taken too long. */
export function startNetwork(
  { wifi, sntp }: BoardSettings,
  clock: DeviceClock,
  handler: NetworkHandler,
): WifiKeeper {
  let isReady = false;
  const once = () => {
    if (isReady) return;
    isReady = true;
    clock.clearTimer(patience);
    handler.ready();
  };
  const patience = clock.setTimer(once, PATIENCE);
  const time = new TimeKeeper(sntp, clock, once, (reason) => handler.timeFailed?.(reason));
  return new WifiKeeper(wifi, clock, (isUp) => {
    handler.changed(isUp);
    if (isUp) time.ask();
  });
}
