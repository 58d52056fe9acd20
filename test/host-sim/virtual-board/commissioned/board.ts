import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type BoardOptions,
  type RunningBoard,
  startBoard,
} from "../../../../host-sim/virtual-board/board.js";
import type { BoardEvent } from "../../../../host-sim/virtual-board/board-event.js";
import { createMemoryPort } from "../../../../host-sim/virtual-board/port.js";
import { BoardClient } from "../../../../provision/board-client.js";
import type { Wire } from "../../../../provision/wire.js";
import { temporaryFolder } from "../../../support/cli.js";

export const SSID = "field";
export const WIFI_PASSWORD = "correct-horse-battery";

export const WIFI = {
  networks: [
    { ssid: "far", rssi: -80, isSecured: true },
    { ssid: SSID, rssi: -50, isSecured: true },
  ],
  passwords: { [SSID]: WIFI_PASSWORD },
  delay: 5,
};

export interface Plugged {
  readonly board: RunningBoard;
  /** Folder of what it keeps. */
  readonly state: string;
  readonly wire: Wire;
  readonly client: BoardClient;
  readonly events: BoardEvent[];
  /** All that the board has put on the wire. */
  said(): Uint8Array;
  /** Resolves with the first event that fits, one that was already included. */
  seen(fits: (event: BoardEvent) => boolean): Promise<BoardEvent>;
}

let folders = 0;
const root = temporaryFolder();

export const newFolder = () => join(root, String(++folders));

/** Times that a client asks, at most, before it takes a board for silent: on a busy machine it answers late. */
const TRIES = 60;

/** A simulated board on a wire in memory. `timeout`: milliseconds until its client asks again. */
export function plug(options: Partial<BoardOptions> = {}, timeout = 800): Plugged {
  const { side, wire } = createMemoryPort();
  const events: BoardEvent[] = [];
  const said: Uint8Array[] = [];
  const looks = new Set<() => void>();
  wire.receive((data) => said.push(data));
  const client = new BoardClient(wire, { timeout, tries: TRIES });
  const state = options.state ?? newFolder();
  const board = startBoard({
    state,
    port: side,
    wifi: WIFI,
    observe(event) {
      events.push(event);
      for (const look of [...looks]) look();
    },
    ...options,
  });
  return {
    board,
    state,
    wire,
    client,
    events,
    said: () => Buffer.concat(said),
    seen: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const found = events.find(fits);
          if (found === undefined) return;
          looks.delete(look);
          resolve(found);
        };
        looks.add(look);
        look();
      }),
  };
}

/** Throws where the board has said its private key or a Wi-Fi password, on the wire or in its events. */
export function expectNoSecrets({ state, said, events }: Pick<Plugged, "state" | "said" | "events">): void {
  const file = join(state, "nvs", "key");
  const key = existsSync(file) ? [readFileSync(file)] : [];
  const all = Buffer.concat([said(), Buffer.from(JSON.stringify(events))]);
  for (const secret of [Buffer.from(WIFI_PASSWORD), ...key.flatMap(formsOf)])
    if (all.includes(secret)) throw new Error("the board has said a secret");
}

function formsOf(key: Buffer): Buffer[] {
  return [key, ...(["hex", "base64"] as const).map((form) => Buffer.from(key.toString(form)))];
}
