import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import Resolver from "embedded:network/dns/resolver/udp";
import type { ResolveOptions, SocketOptions, Transport } from "./transport.js";

/** Plain TCP. Hosts that are neither addresses nor "localhost" are asked of `servers`, IPv4 addresses. */
export class TcpTransport implements Transport {
  readonly #servers: readonly string[];

  constructor(servers: readonly string[]) {
    this.#servers = servers;
  }

  openSocket(options: SocketOptions): object {
    return new TCP({ ...options, nodelay: true });
  }

  resolve({ host, onResolved, onError }: ResolveOptions): void {
    const resolver = new Resolver({ servers: this.#servers, socket: { io: UDP } });
    resolver.resolve({
      host,
      onResolved: (name, address) => {
        onResolved(name, String(address));
        return null;
      },
      onError: () => {
        onError();
        return null;
      },
    });
  }
}
