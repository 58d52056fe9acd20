import type { Clock, Timer } from "../../agent/ports/clock.js";
import type { Wifi } from "../../agent/provision/board-host.js";
import type { FoundNetwork } from "../../agent/provision/host.js";
import type { NetworkHandler } from "../../firmware/platform.js";

/** Milliseconds from one try to join the stored network to the next. */
const REJOIN = 5000;

/** A simulated board's radio, which is kept in the network that the board knows. The time of day comes with the network. */
export class SimulatedNetwork implements Wifi {
  readonly #radio: Wifi;
  readonly #clock: Clock;
  readonly #handler: NetworkHandler;
  #isReady = false;
  #again: (() => void) | undefined;
  #rejoin: Timer | undefined;

  /** `radio`: sets the clock before it says that it has joined. */
  constructor(radio: Wifi, clock: Clock, handler: NetworkHandler) {
    this.#radio = radio;
    this.#clock = clock;
    this.#handler = handler;
  }

  /** Joins the stored network, for as long as it takes, or until another was joined; none where it has no name. */
  keep(ssid: string, password: string): void {
    if (ssid === "") return;
    this.#again = () => this.keep(ssid, password);
    this.join(ssid, password, () => {});
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): void {
    this.#radio.scan(done);
  }

  join(ssid: string, password: string, done: (isJoined: boolean) => void): void {
    if (this.#rejoin !== undefined) this.#clock.clearTimer(this.#rejoin);
    this.#rejoin = undefined;
    // Of a try whose place another takes nothing is heard: what follows is the other's to do.
    this.#radio.join(ssid, password, (isJoined) => {
      if (isJoined) this.#handler.changed(true);
      else if (!this.#isReady && this.#again !== undefined)
        this.#rejoin = this.#clock.setTimer(this.#again, REJOIN);
      done(isJoined);
      if (!isJoined || this.#isReady) return;
      this.#isReady = true;
      this.#handler.ready();
    });
  }
}
