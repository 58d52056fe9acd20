import { existsSync } from "node:fs";
import type { BatchPort } from "../operations/batch.js";
import { openWire } from "./open-wire.js";

/** Milliseconds between two looks at a port. */
const LOOK = 500;

/**
 * Ports and their boards: one each, or (`more`) one after the other for ever: the next comes when the port went away, as USB ports do
 * with their boards, and came back. Ports that are no files (TCP, Windows) do not show that, and have one board.
 */
export function boardsOf(names: readonly string[], more: boolean): BatchPort[] {
  return names.map((name) => {
    let isFirst = true;
    return {
      name,
      async next() {
        if (!isFirst) {
          if (!more || !name.startsWith("/")) return undefined;
          await until(() => !existsSync(name));
          await until(() => existsSync(name));
        }
        isFirst = false;
        return openWire(name, "identify");
      },
    };
  });
}

async function until(condition: () => boolean): Promise<void> {
  do await new Promise((resolve) => setTimeout(resolve, LOOK));
  while (!condition());
}
