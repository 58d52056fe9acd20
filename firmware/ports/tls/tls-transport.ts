import { TcpTransport } from "../tcp.js";
import type { SocketOptions } from "../transport.js";
import { TlsSocket } from "./tls-socket.js";

/** TLS 1.2 where there is a certificate, TCP where there is none. */
export class TlsTransport extends TcpTransport {
  /** No certificate is valid before the clock is set. */
  override openSocket(options: SocketOptions): object {
    const { certificate } = options;
    return certificate === undefined ? super.openSocket(options) : new TlsSocket(options, certificate);
  }
}
