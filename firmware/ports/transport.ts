/** What the MQTT client tells its socket to call. */
export interface SocketOptions {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** X.509 in DER: TLS, pinned to it; else plain. */
  readonly certificate?: Uint8Array;
  readonly onReadable: (count: number) => void;
  readonly onWritable: (count: number) => void;
  /** `reason`: where the socket knows more than that it broke. */
  readonly onError: (reason?: string) => void;
}

/** What the MQTT client asks a resolver. */
export interface ResolveOptions {
  readonly host: string;
  readonly onResolved: (host: string, address: string) => void;
  readonly onError: () => void;
}

/** What carries an MQTT session: TCP, or TLS over it. Only this changes from the one to the other. */
export interface Transport {
  /** An ECMA-419 TCP socket (§12.5), or one that looks like it. It connects at once. */
  openSocket(options: SocketOptions): object;
  /** Looks a host up. Calls back later, never from inside. */
  resolve(options: ResolveOptions): void;
}
