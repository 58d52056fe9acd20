import WiFi from "embedded:network/interface/wifi";
import type { Clock, Timer } from "../../agent/ports/clock.js";
import type { Wifi } from "../../agent/provision/board-host.js";
import type { FoundNetwork } from "../../agent/provision/host.js";
import { Scan } from "./scan.js";

/** ECMA-419's `connection`: linked and with an address; trying or linked; below, neither. */
const UP = 500;
const CONNECTING = 300;
/** Milliseconds from one try to join to the next, at first and at most; each takes twice as long as the last, less up to half of it. */
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 60_000;
/** Milliseconds that one try may take until there is an address, at first and at most: twice as long each time, too, for networks that are slow. */
const FIRST_TRY = 30_000;
const LONGEST_TRY = 120_000;

/** Milliseconds from the end of one network to the beginning of another, since ESP-IDF tells of the end later. */
const SETTLING = 1000;
/** Milliseconds that a network which is tried on demand may take, and how often it may refuse: once says little. */
const TRIAL = 25_000;
const REFUSALS = 2;

interface Network {
  readonly SSID: string;
  readonly password?: string;
}

/** A network that is tried on demand. */
interface Trial {
  readonly network: Network;
  readonly done: (isJoined: boolean) => void;
  refusals: number;
}

/**
 * Keeps a board in one Wi-Fi network: joins it, and joins it again for as long as the board runs. While it is not in it, a timer runs. Another
 * one takes its place when it was joined on demand; where it cannot be, the one before is joined again.
 */
export class WifiKeeper implements Wifi {
  readonly #clock: Clock;
  readonly #changed: (isUp: boolean) => void;
  #network: Network | undefined;
  #trial: Trial | undefined;
  #radio: WiFi | undefined;
  #isUp = false;
  /** Tries that came to nothing since there was a network. */
  #failures = 0;
  #timer: Timer | undefined;
  #scan: Scan | undefined;

  /** `changed`: each time that there is a network, or none any more, not from inside. A network without a name: off the air until `scan` or `join`. */
  constructor(
    { ssid, password }: { readonly ssid: string; readonly password?: string },
    clock: Clock,
    changed: (isUp: boolean) => void,
  ) {
    this.#clock = clock;
    this.#changed = changed;
    if (ssid === "") return;
    this.#network = password === undefined ? { SSID: ssid } : { SSID: ssid, password };
    this.begin();
  }

  join(ssid: string, password: string, done: (isJoined: boolean) => void): void {
    const network = password === "" ? { SSID: ssid } : { SSID: ssid, password };
    this.#trial = { network, done, refusals: 0 };
    this.leave();
    this.after(SETTLING, () => this.begin());
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): void {
    this.#scan?.end();
    this.#scan = new Scan(this.radio, this.#clock, {
      // The radio cannot do both: the try that is under way is given up.
      refused: () => {
        if (!this.#isUp && this.#trial === undefined && this.radio.connection >= CONNECTING) this.giveUp();
      },
      done: (networks) => {
        this.#scan = undefined;
        done(networks);
      },
    });
  }

  private get radio(): WiFi {
    this.#radio ??= new WiFi({ onChanged: () => this.changed() });
    return this.#radio;
  }

  private begin(): void {
    if (this.#scan !== undefined) {
      this.after(SETTLING, () => this.begin());
      return;
    }
    const network = this.#trial?.network ?? this.#network;
    if (network === undefined) return;
    if (this.#trial !== undefined) this.after(TRIAL, () => this.refused(REFUSALS));
    else this.after(doubled(FIRST_TRY, this.#failures, LONGEST_TRY), () => this.giveUp());
    try {
      this.radio.connect(network);
    } catch {
      this.failed();
    }
  }

  /**
   * The next try is not begun in the same moment: ESP-IDF tells of this one's end later, and the SDK would then take the next one for ended,
   * which joins and is ended again, for ever.
   */
  private giveUp(): void {
    this.pause();
    this.radio.disconnect();
  }

  private changed(): void {
    const { connection } = this.radio;
    const wasUp = this.#isUp;
    this.tell(connection >= UP);
    if (this.#isUp) {
      this.#failures = 0;
      this.stop();
      this.accepted();
    } else if (connection < CONNECTING) this.failed();
    else if (this.#trial === undefined && (wasUp || this.#timer === undefined))
      this.after(FIRST_TRY, () => this.giveUp());
  }

  private failed(): void {
    if (this.#trial === undefined) this.pause();
    else this.refused(1);
  }

  private refused(times: number): void {
    const trial = this.#trial as Trial;
    trial.refusals += times;
    this.leave();
    if (trial.refusals < REFUSALS) {
      this.after(SETTLING, () => this.begin());
      return;
    }
    this.#trial = undefined;
    if (this.#network !== undefined) this.pause();
    // Not from inside: the radio may have refused at once.
    this.#clock.setTimer(() => trial.done(false), 0);
  }

  private accepted(): void {
    const trial = this.#trial;
    if (trial === undefined) return;
    this.#network = trial.network;
    this.#trial = undefined;
    trial.done(true);
  }

  /** Of what is ended by us the SDK tells nothing. */
  private leave(): void {
    this.stop();
    this.radio.disconnect();
    this.tell(false);
  }

  private tell(isUp: boolean): void {
    if (isUp === this.#isUp) return;
    this.#isUp = isUp;
    trace(`{"type":"wifi-${isUp ? "up" : "down"}"}\n`);
    this.#changed(isUp);
  }

  private pause(): void {
    const pause = doubled(FIRST_PAUSE, this.#failures++, LONGEST_PAUSE);
    this.after(pause - (Math.random() * pause) / 2, () => this.begin());
  }

  private after(delay: number, call: () => void): void {
    this.stop();
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      call();
    }, delay);
  }

  private stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}

function doubled(first: number, times: number, most: number): number {
  const delay = first * 2 ** times;
  return delay < most ? delay : most;
}
