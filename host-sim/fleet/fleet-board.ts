import type { AgentEvent } from "../../agent/agent-ports.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import type { BoardInit } from "../engines/v8-board.js";
import type { FleetEvent } from "./fleet.js";
import type { Identity } from "./identities.js";
import type { LinkTroubles } from "./link-troubles.js";
import type { Statistics } from "./statistics.js";

/** What a fleet counts of all its boards. */
export interface BoardCounts {
  /** Sessions of boards with brokers that are open now. */
  links: number;
  /** Boards that stopped by themselves, by the first word of the reason. */
  ended: Record<string, number>;
  /** What brokers say as they refuse. */
  readonly troubles: LinkTroubles;
}

type Ports = Pick<BoardInit, "clock" | "links" | "sensors" | "flash" | "isFlashKept">;
type Observer = Pick<BoardInit, "observe" | "ended">;

/** What one board of a fleet has of its own. Its private key stays with all the others. */
export class FleetBoard implements BoardInit {
  readonly #identity: Identity;
  readonly store: KeyValue<string>;
  readonly flash: BoardInit["flash"];
  readonly isFlashKept: boolean;
  readonly clock: BoardInit["clock"];
  readonly links: BoardInit["links"];
  readonly sensors: BoardInit["sensors"];
  readonly observe: BoardInit["observe"];
  readonly ended: BoardInit["ended"];

  constructor(
    identity: Identity,
    { clock, links, sensors, flash, isFlashKept }: Ports,
    { observe, ended }: Observer,
  ) {
    this.#identity = identity;
    this.store = identity.store;
    this.flash = flash;
    this.isFlashKept = isFlashKept;
    this.clock = clock;
    this.links = links;
    this.sensors = sensors;
    this.observe = observe;
    this.ended = ended;
  }

  get privateKey(): Uint8Array {
    return this.#identity.privateKey;
  }
}

/** Counts and passes on what one board tells. A board that ends says nothing of the sessions that it had open. */
export function observeBoard(
  device: string,
  board: string,
  statistics: Statistics,
  counts: BoardCounts,
  emit: (event: FleetEvent) => void,
): Observer {
  let open = 0;
  /** Of this run: a kept journal may hold frames of an earlier one. */
  let boot = -1;
  const opened = (change: number) => {
    open += change;
    counts.links += change;
  };
  return {
    observe(event: AgentEvent) {
      if (event.type === "signed") boot = event.position.boot;
      if (event.type !== "acknowledged" || event.position.boot === boot) statistics.board(device, event);
      counts.troubles.observe(event);
      if (event.type === "link-opened") opened(1);
      if (event.type === "link-closed" && event.wasOpen) opened(-1);
      emit({ type: "board", board, event });
    },
    ended(reason: string) {
      opened(-open);
      const [word = reason] = reason.split(":");
      counts.ended[word] = (counts.ended[word] ?? 0) + 1;
      emit({ type: "ended", board, reason });
    },
  };
}
