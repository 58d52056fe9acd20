import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What is printed, and listened at. */
export const HOST = "127.0.0.1";
/** Where browsers look for "localhost", too. */
const OTHER_FAMILY = "::1";
/** A system without IPv6. */
const HAS_NONE = ["EADDRNOTAVAIL", "EAFNOSUPPORT"];
/** Free ports that are tried where any will do, and one family has what the other has not. */
const ATTEMPTS = 20;

export interface Listening {
  readonly port: number;
  close(): void;
}

/**
 * Listens on this machine's loopback, at the same port in both families: with one of them left free, another user of the machine could take it, and be
 * "localhost" to a browser, which would hand the token over. `port` 0: any that is free in both. Throws Error where it is taken in either.
 */
export async function listenOnLoopback(listener: RequestListener, port: number): Promise<Listening> {
  for (let attempt = 1; ; attempt++) {
    const first = await listen(listener, port, HOST);
    const { port: bound } = first.address() as AddressInfo;
    try {
      const servers = [first, await listen(listener, bound, OTHER_FAMILY)];
      return { port: bound, close: () => servers.forEach(close) };
    } catch (error) {
      if (HAS_NONE.includes((error as NodeJS.ErrnoException).code ?? ""))
        return { port: bound, close: () => close(first) };
      close(first);
      if (port !== 0 || attempt === ATTEMPTS) throw error;
    }
  }
}

function listen(listener: RequestListener, port: number, host: string): Promise<Server> {
  const server = createServer(listener);
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
