import type { Broker } from "../../../agent/settings/broker.js";
import { TcpTransport } from "../tcp.js";
import type { SocketOptions } from "../transport.js";
import { TlsSocket } from "./tls-socket.js";

/** TLS 1.2 for the brokers that are pinned to a certificate, TCP for the others. */
export class TlsTransport extends TcpTransport {
  readonly #brokers: readonly Broker[];

  /** `servers`: see TcpTransport. */
  constructor(servers: readonly string[], brokers: readonly Broker[]) {
    super(servers);
    this.#brokers = brokers;
  }

  /** No certificate is valid before the clock is set. */
  override openSocket(options: SocketOptions): object {
    const broker = this.#brokers.find(({ host, port }) => host === options.host && port === options.port);
    const certificate = broker?.certificate;
    return certificate === undefined ? super.openSocket(options) : new TlsSocket(options, certificate);
  }
}
