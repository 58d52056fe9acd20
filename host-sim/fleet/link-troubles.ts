import type { AgentEvent } from "../../agent/agent-ports.js";

/** Why boards' sessions with a broker ended or did not come about. */
export interface LinkTrouble {
  readonly broker: string;
  readonly reason: string;
  /** Of all boards together. */
  readonly times: number;
}

/** How a session ends that the board itself ends, and nobody is at fault (agent/uplink/session.ts). */
const LEFT = "not needed";
/** Reasons that are kept; a broker might say another one each time. */
const MOST = 100;
const OTHERS = "other reasons";

/** Counts what brokers say as they refuse. */
export class LinkTroubles {
  readonly #counts = new Map<string, { readonly broker: string; readonly reason: string; times: number }>();

  observe(event: AgentEvent): void {
    if (event.type !== "link-closed" || event.reason === LEFT) return;
    this.#add(event.link, event.reason);
  }

  /** The most frequent first. */
  get all(): readonly LinkTrouble[] {
    return [...this.#counts.values()].sort((a, b) => b.times - a.times);
  }

  #add(broker: string, reason: string): void {
    const key = `${broker} ${reason}`;
    const count = this.#counts.get(key);
    if (count !== undefined) count.times++;
    else if (this.#counts.size < MOST || reason === OTHERS)
      this.#counts.set(key, { broker, reason, times: 1 });
    else this.#add(broker, OTHERS);
  }
}
