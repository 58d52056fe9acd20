import type { FoundNetwork } from "../../agent/provision/host.js";

export interface WifiOptions {
  /** Networks in reach. */
  readonly networks: readonly FoundNetwork[];
  /** Their passwords, by name; what is missing here refuses everybody. One that is not secured needs none. */
  readonly passwords: Readonly<Record<string, string>>;
  /** Refuses whatever is right. */
  readonly refuses?: boolean;
  /** Milliseconds that a scan takes, and joining. */
  readonly delay?: number;
}

const DELAY = 300;

/** The air around a simulated board. What it joins is this machine's own network. */
export class SimulatedWifi {
  readonly #options: WifiOptions;
  #joining: NodeJS.Timeout | undefined;
  #scanning: NodeJS.Timeout | undefined;

  constructor(options: WifiOptions) {
    this.#options = options;
  }

  /** The strongest first. */
  scan(done: (networks: readonly FoundNetwork[]) => void): void {
    const { networks, delay = DELAY } = this.#options;
    const found = [...networks].sort((a, b) => b.rssi - a.rssi);
    this.#scanning = setTimeout(() => done(found), delay);
  }

  /** Another try that is under way is dropped. */
  join(ssid: string, password: string, done: (isJoined: boolean) => void): void {
    const { networks, passwords, refuses = false, delay = DELAY } = this.#options;
    const network = networks.find((other) => other.ssid === ssid);
    const isRight = network !== undefined && (!network.isSecured || passwords[ssid] === password);
    clearTimeout(this.#joining);
    this.#joining = setTimeout(() => done(isRight && !refuses), delay);
  }

  /** Nothing is called back any more. */
  stop(): void {
    clearTimeout(this.#joining);
    clearTimeout(this.#scanning);
  }
}
