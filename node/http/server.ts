import { createServer } from "node:http";
import { isIP } from "node:net";
import { InputError } from "../../agent/input-error.js";
import type { WitnessView } from "../../network/witness/view.js";
import { quoted } from "../../text/visible.js";
import { isLoopback, LOOPBACK, listenAt } from "../listen.js";
import { createApp } from "./app.js";
import { LIMITS, type Limits, RATE, type Rate } from "./limits.js";

export interface HttpOptions {
  readonly view: WitnessView;
  /** 0: any that is free. */
  readonly port: number;
  /** 127.0.0.1, this machine alone, by default. docs/witness-http.md says what another shows. */
  readonly host?: string;
  /** Origins of pages that may read, such as `https://example.org`, or `*`. None by default. */
  readonly cors?: readonly string[];
  readonly rate?: Rate;
  /** Addresses, subnets of reverse proxies, whose X-Forwarded-For is believed. None by default. */
  readonly proxies?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Gets what failed while something was answered. Nothing else is logged. */
  report?(error: unknown): void;
}

export interface HttpServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Ends at once, with all connections and event streams. */
  close(): Promise<void>;
}

/**
 * The HTTP face of a witness: docs/witness-http.md. Throws InputError where an option will not do,
 * and Error where the port is taken, on this machine's loopback in the other address family, too.
 */
export async function openHttp(options: HttpOptions): Promise<HttpServer> {
  const { view, port, host = LOOPBACK, cors = [], rate = RATE, proxies = [], report = () => {} } = options;
  const limits = { ...LIMITS, ...options.limits };
  for (const origin of cors) checkOrigin(origin);
  for (const proxy of proxies) checkProxy(proxy);
  const isLocal = isLoopback(host) && proxies.length === 0;
  const { server, hub } = await createApp({ view, cors, rate, limits, proxies, isLocal, report });
  const make = () => {
    const http = createServer(
      {
        maxHeaderSize: limits.headerBytes,
        headersTimeout: limits.requestTime,
        requestTimeout: limits.requestTime,
        connectionsCheckingInterval: Math.max(1, Math.floor(limits.requestTime / 4)),
      },
      (request, response) => server.routing(request, response),
    );
    http.maxConnections = limits.connections;
    http.timeout = limits.idleTime;
    return http;
  };
  const listening = await listenAt(make, port, host);
  return {
    address: `http://${host.includes(":") ? `[${host}]` : host}:${listening.port}`,
    async close() {
      hub.close();
      listening.close();
      await server.close();
    },
  };
}

/** Throws InputError for what no browser would name as a page's origin. */
function checkOrigin(origin: string): void {
  if (origin === "*") return;
  const is =
    URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol) && new URL(origin).origin === origin;
  if (!is)
    throw new InputError(`${quoted(origin)} is not an origin: take one like https://example.org, or *`);
}

/** Throws InputError for what is neither an address nor a subnet. */
function checkProxy(proxy: string): void {
  const [, address = "", prefix = "0"] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(proxy) ?? [];
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] as number;
  if (Number(prefix) > bits)
    throw new InputError(`${quoted(proxy)} is no address of a proxy: take one like 127.0.0.1 or 10.0.0.0/8`);
}
