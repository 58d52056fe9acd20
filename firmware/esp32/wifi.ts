import WiFi from "embedded:network/interface/wifi";
import type { Clock, Timer } from "../../agent/ports/clock.js";

/** ECMA-419's `connection`: linked and with an address; below 300 it is neither linked nor trying. */
const UP = 500;
const CONNECTING = 300;
/** Milliseconds between two tries to join, and that one try may take until there is an address. */
const RETRY = 5_000;
const TRY = 30_000;

/** Keeps a board in one Wi-Fi network: joins it, and joins it again for as long as the board runs. */
export class WifiKeeper {
  readonly #clock: Clock;
  readonly #network: { readonly SSID: string; readonly password?: string };
  readonly #onUp: () => void;
  readonly #wifi: WiFi;
  #isUp = false;
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
    this.again(TRY);
    try {
      // A try that came to nothing must be ended: the SDK refuses a second one beside it.
      this.#wifi.disconnect();
      this.#wifi.connect(this.#network);
    } catch {
      this.again(RETRY);
    }
  }

  private changed(): void {
    const { connection } = this.#wifi;
    const isUp = connection >= UP;
    if (isUp !== this.#isUp) trace(`{"type":"wifi-${isUp ? "up" : "down"}"}\n`);
    const wasUp = this.#isUp;
    this.#isUp = isUp;
    if (isUp) {
      this.stop();
      if (!wasUp) this.#onUp();
    } else if (connection < CONNECTING) this.again(RETRY);
    else if (wasUp) this.again(TRY);
  }

  private again(delay: number): void {
    this.stop();
    this.#timer = this.#clock.setTimer(() => this.join(), delay);
  }

  private stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}
