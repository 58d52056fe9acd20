import type { AgentConfig } from "../../../agent/config.js";
import type { Flash } from "../../../agent/ports/flash.js";
import type { BoardInit } from "../v8-board.js";
import type { FlashConfig } from "./board/flash.js";
import type { XsBoardConfig } from "./board.js";

/** What host-sim/engines/xs/board.ts is told. `about`: for the status message. */
export function boardConfig(
  {
    clock,
    flash,
    links,
    sensors,
    store,
  }: Omit<BoardInit, "privateKey" | "observe" | "ended" | "isFlashKept">,
  agent: AgentConfig,
  isRemote = false,
  about?: object,
): XsBoardConfig {
  const wall = clock.wall();
  const boot = store.get("boot");
  return {
    agent,
    flash: shapeOf(flash),
    isRemote,
    ...(about !== undefined && { about }),
    links: links.map(({ name }) => name),
    sensors: sensors.map(({ interval, channels }) => ({
      interval,
      channels: channels.map(({ name, unit, digits }, index) => ({
        property: `c${index}`,
        name,
        unit,
        digits,
      })),
    })),
    store: boot === undefined ? {} : { boot: [...boot] },
    clock: wall.state,
    epoch: wall.unix - clock.uptime(),
  };
}

export function shapeOf({ size, sectorBytes, programBytes }: Flash): FlashConfig {
  return { size, sectorBytes, programBytes };
}
