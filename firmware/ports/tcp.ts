import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import Timer from "timer";
import type { ResolveOptions, SocketOptions, Transport } from "./transport.js";

/** Plain TCP. Hosts that are neither addresses nor "localhost" nor of ".local" are asked of `servers`, IPv4 addresses. */
export class TcpTransport implements Transport {
  readonly #servers: readonly string[];

  constructor(servers: readonly string[]) {
    this.#servers = servers;
  }

  openSocket(options: SocketOptions): object {
    return new TCP({ ...options, nodelay: true });
  }

  /** Gives back the name that was asked for: the SDK's resolver renames "localhost", and by its name a host is pinned. */
  resolve({ host, onResolved, onError }: ResolveOptions): void {
    if (this.#servers.length === 0 && needsServer(host)) {
      Timer.set(onError, 0); // the SDK's resolver would ask nobody, for ever
      return;
    }
    const resolver = new Resolver({ servers: this.#servers, socket: { io: GuardedUdp as never } });
    resolver.resolve({
      host,
      onResolved: (_, address) => {
        onResolved(host, String(address));
        return null;
      },
      onError: () => {
        onError();
        return null;
      },
    });
  }
}

function needsServer(host: string): boolean {
  const isAddress = host.split(".").length === 4 && Number(host.split(".").join("")) >= 0;
  return !isAddress && host !== "localhost" && !host.endsWith(".local");
}

interface Datagrams {
  readonly target: object;
  readonly onReadable: (this: UDP, count: number) => void;
}

/** The SDK's resolver throws at an answer that is damaged, and at a second answer to one question, which would end the machine. */
function GuardedUdp({ target, onReadable }: Datagrams): object {
  return new UDP({
    target,
    onReadable(count) {
      try {
        onReadable.call(this, count);
      } catch {
        // The question is asked again, and given up in the end.
      }
    },
  });
}
