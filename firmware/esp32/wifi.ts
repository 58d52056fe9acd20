import WiFi from "embedded:network/interface/wifi";
import type { Clock, Timer } from "../../agent/ports/clock.js";

/** ECMA-419's `connection`: linked and with an address; trying or linked; below, neither. */
const UP = 500;
const CONNECTING = 300;
/** Milliseconds from one try to join to the next, at first and at most; each takes twice as long as the last, less up to half of it. */
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 60_000;
/** Milliseconds that one try may take until there is an address, at first and at most: twice as long each time, too, for networks that are slow. */
const FIRST_TRY = 30_000;
const LONGEST_TRY = 120_000;

/** Keeps a board in one Wi-Fi network: joins it, and joins it again for as long as the board runs. While it is not in it, a timer runs. */
export class WifiKeeper {
  readonly #clock: Clock;
  readonly #network: { readonly SSID: string; readonly password?: string };
  readonly #onUp: () => void;
  readonly #wifi: WiFi;
  #isUp = false;
  /** Tries that came to nothing since there was a network. */
  #failures = 0;
  #timer: Timer | undefined;

  /** `onUp`: each time that there is a network, not from inside. */
  constructor(wifi: { readonly ssid: string; readonly password?: string }, clock: Clock, onUp: () => void) {
    const { ssid, password } = wifi;
    this.#clock = clock;
    this.#network = password === undefined ? { SSID: ssid } : { SSID: ssid, password };
    this.#onUp = onUp;
    this.#wifi = new WiFi({ onChanged: () => this.changed() });
    this.join();
  }

  private join(): void {
    this.after(doubled(FIRST_TRY, this.#failures, LONGEST_TRY), () => this.giveUp());
    try {
      this.#wifi.connect(this.#network);
    } catch {
      this.pause();
    }
  }

  /**
   * The next try is not begun in the same moment: ESP-IDF tells of this one's end later, and the SDK would then take the next one for ended,
   * which joins and is ended again, for ever.
   */
  private giveUp(): void {
    this.pause();
    this.#wifi.disconnect();
  }

  private changed(): void {
    const { connection } = this.#wifi;
    const wasUp = this.#isUp;
    this.#isUp = connection >= UP;
    if (this.#isUp !== wasUp) trace(`{"type":"wifi-${this.#isUp ? "up" : "down"}"}\n`);
    if (this.#isUp) {
      this.#failures = 0;
      this.stop();
      if (!wasUp) this.#onUp();
    } else if (connection < CONNECTING) this.pause();
    else if (wasUp || this.#timer === undefined) this.after(FIRST_TRY, () => this.giveUp());
  }

  private pause(): void {
    const pause = doubled(FIRST_PAUSE, this.#failures++, LONGEST_PAUSE);
    this.after(pause - (Math.random() * pause) / 2, () => this.join());
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
