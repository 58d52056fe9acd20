import type WiFi from "embedded:network/interface/wifi";
import type { Clock, Timer } from "../../agent/ports/clock.js";
import type { FoundNetwork } from "../../agent/provision/host.js";

/** Milliseconds that a scan may take, refusals included. ESP-IDF's takes 2 or 3 s. */
const LIMIT = 12_000;
/** Milliseconds from one try to the next where the radio refuses. */
const AGAIN = 500;
/** What is kept of a crowded air: a network takes some 150 bytes of the machine's memory. */
const MOST = 24;

/** What the SDK tells of a network; its declarations leave out `security`: "none", or the kind of protection. */
interface Heard {
  readonly SSID: string;
  readonly RSSI: number;
  readonly security?: string;
}

export interface ScanHandler {
  /** The radio does something else: it is asked again. */
  refused(): void;
  /** Once, never from inside: the strongest first; none where the radio never would. */
  done(networks: readonly FoundNetwork[]): void;
}

/** One scan of the networks in reach. */
export class Scan {
  readonly #wifi: WiFi;
  readonly #clock: Clock;
  readonly #handler: ScanHandler;
  readonly #found: FoundNetwork[] = [];
  readonly #limit: Timer;
  #again: Timer | undefined;
  #isOver = false;

  constructor(wifi: WiFi, clock: Clock, handler: ScanHandler) {
    this.#wifi = wifi;
    this.#clock = clock;
    this.#handler = handler;
    this.#limit = clock.setTimer(() => this.finish(), LIMIT);
    this.begin();
  }

  /** Nothing is called back any more. */
  end(): void {
    this.#isOver = true;
    this.#clock.clearTimer(this.#limit);
    if (this.#again !== undefined) this.#clock.clearTimer(this.#again);
  }

  private begin(): void {
    this.#again = undefined;
    try {
      this.#wifi.scan({
        onFound: (heard: Heard) => this.hear(heard),
        onComplete: () => this.finish(),
      });
    } catch {
      this.#again = this.#clock.setTimer(() => this.begin(), AGAIN);
      this.#handler.refused();
    }
  }

  private hear({ SSID, RSSI, security }: Heard): void {
    if (this.#isOver) return;
    const network = { ssid: SSID, rssi: RSSI, isSecured: security !== "none" };
    const found = this.#found;
    let at = found.length;
    for (; at > 0 && (found[at - 1] as FoundNetwork).rssi < network.rssi; at--);
    if (at < MOST) found.splice(at, 0, network);
    if (found.length > MOST) found.length = MOST;
  }

  private finish(): void {
    if (this.#isOver) return;
    this.end();
    this.#handler.done(this.#found);
  }
}
