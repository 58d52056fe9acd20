/// <reference path="../types/board-modules.d.ts" />
import TCP from "embedded:io/socket/tcp";
import TLSSocket from "embedded:io/socket/tcp/tls";
import Net from "net";
import Timer from "timer";
import { TcpTransport } from "../ports/tcp.js";
import type { ResolveOptions, SocketOptions } from "../ports/transport.js";

/** ECMA-262's Uint8Array.fromBase64, which XS 17 has and the library of ES2022 has not. */
const Base64 = Uint8Array as unknown as { fromBase64(text: string): Uint8Array };

/**
 * TCP, or TLS 1.2 for the hosts that `certificates` names. Such a host must send its chain with the pinned CA's certificate at the
 * end, that must have a key identifier of its authority (authorityKeyIdentifier=keyid:always), and the host's own its name or IPv4
 * address (subjectAltName): the SDK refuses all else. Names are asked of `servers`, or where there are none of those that DHCP gave.
 */
export class BoardTransport extends TcpTransport {
  readonly #certificates: { readonly [host: string]: string };
  readonly #hasServers: boolean;

  /** `certificates`: a CA's certificate by the host that it vouches for, DER in base64. */
  constructor(servers: readonly string[], certificates: { readonly [host: string]: string }) {
    super(servers);
    this.#hasServers = servers.length > 0;
    this.#certificates = certificates;
  }

  /** Throws where the clock is not set yet: no certificate is valid then. */
  override openSocket(options: SocketOptions): object {
    if (!Object.hasOwn(this.#certificates, options.host)) return super.openSocket(options);
    const certificate = this.#certificates[options.host] as string;
    return new TLSSocket({
      ...options,
      secure: { certificate: Base64.fromBase64(certificate).buffer },
      TCP: { io: guardedSocket(options.onError) },
    });
  }

  /** Gives back the name that was asked for: the SDK's resolver renames "localhost", and by its name a host is pinned. */
  override resolve({ host, onResolved, onError }: ResolveOptions): void {
    const options = { host, onResolved: (_: string, address: string) => onResolved(host, address), onError };
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

/** The SDK's TLS throws inside its socket's callbacks at what a peer sends wrong, which would end the machine. */
function guardedSocket(onError: () => void) {
  return function GuardedSocket(options: SocketOptions): object {
    const guard = (call: () => void) => {
      try {
        call();
      } catch (error) {
        trace(`${JSON.stringify({ type: "tls-failed", reason: String(error) })}\n`);
        onError();
      }
    };
    return new TCP({
      ...options,
      nodelay: true,
      onReadable: (count) => guard(() => options.onReadable(count)),
      onWritable: (count) => guard(() => options.onWritable(count)),
      onError: () => guard(() => options.onError()),
    });
  };
}
