import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** This machine's loopback: what is printed, and listened at. */
export const LOOPBACK = "127.0.0.1";
/** Where browsers look for "localhost", too. */
const OTHER_LOOPBACK = "::1";
/** A system without IPv6. */
const HAS_NONE = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];
/** Free ports that are tried where any will do, and one family has what the other has not. */
const ATTEMPTS = 20;

export interface Listening {
  readonly port: number;
  /** Ends at once, with all connections. */
  close(): void;
}

export const isLoopback = (host: string): boolean => [LOOPBACK, OTHER_LOOPBACK, "localhost"].includes(host);

/**
 * Listens at `host` with servers that `make` makes. On this machine's loopback, at the same port in
 * both families: with one of them left free, another user of the machine could take it, and be
 * "localhost" to a browser. `port` 0: any that is free in both. Throws Error where it is taken in
 * either.
 */
export async function listenAt(make: () => Server, port: number, host: string): Promise<Listening> {
  if (!isLoopback(host)) return listening([await listen(make(), port, host)]);
  for (let attempt = 1; ; attempt++) {
    const first = await listen(make(), port, LOOPBACK);
    try {
      return listening([first, await listen(make(), portOf(first), OTHER_LOOPBACK)]);
    } catch (error) {
      if (HAS_NONE.includes((error as NodeJS.ErrnoException).code ?? "")) return listening([first]);
      close(first);
      if (port !== 0 || attempt === ATTEMPTS) throw error;
    }
  }
}

const listening = (servers: readonly [Server, ...Server[]]): Listening => ({
  port: portOf(servers[0]),
  close: () => servers.forEach(close),
});

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function listen(server: Server, port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const at = host.includes(":") ? `[${host}]` : host;
      const taken = `port ${port} is in use at ${at}: take another with --port, or --port 0`;
      reject(error.code === "EADDRINUSE" ? new Error(taken) : error);
    });
    server.listen(port, host, () => resolve(server));
  });
}

function close(server: Server): void {
  server.close();
  server.closeAllConnections();
}
