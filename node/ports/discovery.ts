import type { Answer, Question } from "dns-packet";
import multicastDns, { type MulticastDNS } from "multicast-dns";
import {
  type Discovery,
  type DiscoveryEvent,
  type DiscoveryScope,
  type FoundBroker,
  FoundBrokers,
  SERVICES,
} from "../../agent/ports/discovery.js";
import { addressOf, type BrokerAddress, nameOf } from "../mqtt/broker-address.js";
import { BrokerRecords } from "./discovery-records.js";

export interface DiscoveryOptions {
  /** Default: any. */
  readonly scope?: DiscoveryScope;
  /**
   * IPv4 address of the interface to ask on. Default: heard on all, asked on the one that the system takes for multicast. With one of 127.0.0.0/8,
   * brokers on this machine are told of too.
   */
  readonly interface?: string;
  /** UDP port; default 5353, which responders listen on. */
  readonly port?: number;
  /** Must not throw. The same reason is told once until a query went out again. */
  readonly observe?: (event: DiscoveryEvent) => void;
}

const MDNS_PORT = 5353;
/** The first query waits 20 to 120 ms, the second 1 s, each one twice as long as that before it (RFC 6762 §5.2). */
const FIRST_WAIT = { least: 20, spread: 100 };
const SECOND_WAIT = 1000;
const LONGEST_WAIT = 3_600_000;
/** From a query that could not be sent to the next. */
const RETRY = 5000;
/** What a responder left out is asked for at once, so many times a query: the host first, then its address. */
const FOLLOW_UPS = 2;
/** From the first broker found to the end of the search. */
const GATHERING = 500;

/** mDNS over this machine's interfaces. */
export function createDiscovery(options: DiscoveryOptions = {}): Discovery {
  let search: Search | undefined;
  return {
    start(found) {
      if (search !== undefined) throw new Error("it is started already");
      search = new Search(options, found);
    },
    stop() {
      search?.end();
      search = undefined;
    },
  };
}

/**
 * Waits up to `seconds` for the first, and half a second longer for others; none where there is none. Those without TLS by their address;
 * those with it by their host's name, which its certificate is for and this machine's resolver has to know.
 */
export function discoverBrokers(seconds: number, options: DiscoveryOptions = {}): Promise<BrokerAddress[]> {
  return new Promise((resolve) => {
    const brokers = new Map<string, BrokerAddress>();
    const discovery = createDiscovery(options);
    const finish = () => {
      clearTimeout(latest);
      clearTimeout(gathered);
      discovery.stop();
      resolve([...brokers.values()]);
    };
    const latest = setTimeout(finish, seconds * 1000);
    let gathered: NodeJS.Timeout | undefined;
    discovery.start(({ host, address, port, tls }) => {
      const broker = addressOf({ host: tls ? host : address, port }, tls);
      brokers.set(nameOf(broker), broker);
      gathered ??= setTimeout(finish, GATHERING);
    });
  });
}

/** From a `start` to its `stop`. */
class Search {
  readonly #mdns: MulticastDNS;
  readonly #records = new BrokerRecords();
  readonly #found: FoundBrokers;
  readonly #services: Question[];
  readonly #observe: ((event: DiscoveryEvent) => void) | undefined;
  #wait = SECOND_WAIT;
  #followUps = 0;
  #timer: NodeJS.Timeout | undefined;
  #reason = "";
  #isOver = false;

  constructor(options: DiscoveryOptions, found: (broker: FoundBroker) => void) {
    const { scope = "any", interface: address, port = MDNS_PORT, observe } = options;
    this.#observe = observe;
    this.#found = new FoundBrokers(found, scope, address?.startsWith("127."));
    this.#services = SERVICES.filter(({ tls }) => tls || scope === "any").map(({ type }) => ({
      type: "PTR",
      name: `${type}.local`,
    }));
    // Bound to an interface's own address a socket hears no multicast on Linux.
    this.#mdns = multicastDns({
      port,
      ...(address === undefined ? {} : { interface: address, bind: "0.0.0.0" }),
    });
    this.#mdns.on("response", ({ answers = [], additionals = [] }, from) => {
      // RFC 6762 §6: from any other port it is no answer.
      if (from.port === port) this.hear([...answers, ...additionals]);
    });
    this.#mdns.on("error", (error) => this.report(error));
    this.#mdns.on("warning", (error) => {
      // Others are about what was received.
      if ("syscall" in error) this.report(error);
    });
    this.#mdns.on("networkInterface", () => this.begin());
    this.begin();
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#mdns.destroy();
  }

  /** At the start, and when there is a new interface. */
  private begin(): void {
    this.#wait = SECOND_WAIT;
    this.later(FIRST_WAIT.least + Math.random() * FIRST_WAIT.spread);
  }

  private later(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#isOver) return;
    this.#timer = setTimeout(() => {
      this.later(this.#wait);
      this.#wait = Math.min(2 * this.#wait, LONGEST_WAIT);
      this.#followUps = FOLLOW_UPS;
      this.ask([...this.#services, ...this.#records.missing()]);
    }, delay);
  }

  private ask(questions: Question[]): void {
    this.#mdns.query(questions, (error) => {
      if (!error) {
        this.#reason = "";
        return;
      }
      this.report(error);
      this.later(RETRY);
    });
  }

  private hear(records: readonly Answer[]): void {
    if (this.#isOver) return;
    this.#records.take(records);
    for (const broker of this.#records.complete()) if (!this.#isOver) this.#found.offer(broker);
    if (this.#followUps === 0) return;
    const missing = this.#records.missing();
    if (missing.length === 0) return;
    this.#followUps--;
    this.ask(missing);
  }

  private report({ message }: Error): void {
    if (this.#isOver || message === this.#reason) return;
    this.#reason = message;
    this.#observe?.({ type: "discovery-failed", reason: message });
  }
}
