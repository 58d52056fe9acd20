import type { Dice } from "./dice.js";
import type { Connection } from "./network.js";
import type { Scheduler } from "./time.js";

export type Direction = "up" | "down";

/** What Toxiproxy calls a toxic, by its names. `up` is from the client to the broker. */
export interface Toxic {
  readonly kind: "latency" | "bandwidth" | "timeout" | "reset_peer" | "slow_close" | "slicer" | "limit_data";
  readonly directions: readonly Direction[];
  /** Milliseconds: latency, between slices, until the connection ends, by which its end comes late. */
  readonly delay: number;
  /** Milliseconds that latency may be more. */
  readonly jitter: number;
  /** bandwidth: bytes a second. slicer: bytes of a slice. limit_data: bytes in all. */
  readonly rate: number;
}

/** The longest time, in milliseconds, that TCP takes to notice that a way is open again. */
const RETRANSMIT = 3000;

/** The way between one client and one broker, whatever connections go over it. */
export class Route {
  /** Milliseconds, each way. */
  readonly latency: number;
  readonly jitter: number;
  readonly name: string;
  toxics: readonly Toxic[] = [];
  readonly #scheduler: Scheduler;
  readonly #dice: Dice;
  /** Partitions that last. */
  #cuts = 0;
  readonly #connections = new Set<Connection>();

  constructor(scheduler: Scheduler, dice: Dice, name: string) {
    this.#scheduler = scheduler;
    this.#dice = dice;
    this.name = name;
    this.latency = dice.between(4, 40);
    this.jitter = dice.between(0, 8);
  }

  get isCut(): boolean {
    return this.#cuts > 0;
  }

  /** Connections that may still carry something. */
  get connections(): number {
    return this.#connections.size;
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
  }

  remove(connection: Connection): void {
    this.#connections.delete(connection);
  }

  /** Nothing gets through until `mend` was called as often; TCP keeps what was sent, and tries again. */
  cut(): void {
    this.#cuts++;
  }

  mend(): void {
    this.#cuts--;
    if (this.isCut) return;
    this.#scheduler.after(this.#dice.between(0, RETRANSMIT), () => {
      if (!this.isCut) for (const connection of [...this.#connections]) connection.release();
    });
  }

  infect(toxic: Toxic): void {
    this.toxics = [...this.toxics, toxic];
    for (const connection of [...this.#connections]) connection.infected(toxic);
  }

  cure(toxic: Toxic): void {
    this.toxics = this.toxics.filter((other) => other !== toxic);
  }
}
