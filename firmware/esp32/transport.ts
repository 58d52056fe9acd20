import Net from "net";
import Timer from "timer";
import { TlsTransport } from "../ports/tls/tls-transport.js";
import type { ResolveOptions } from "../ports/transport.js";

/** TCP and TLS. Names are asked of `servers`, or where there are none of those that DHCP gave. */
export class BoardTransport extends TlsTransport {
  readonly #hasServers: boolean;

  constructor(servers: readonly string[]) {
    super(servers);
    this.#hasServers = servers.length > 0;
  }

  override resolve(options: ResolveOptions): void {
    if (this.#hasServers) super.resolve(options);
    else Timer.set(() => askNetwork(options), 0);
  }
}

function askNetwork({ host, onResolved, onError }: ResolveOptions): void {
  try {
    Net.resolve(host, (name, address) => (address === undefined ? onError() : onResolved(name, address)));
  } catch {
    onError(); // the SDK's queue of questions is full
  }
}
