/** Lines of a serial port that the host drives. True: asserted, which is the low level on a board's pins. */
export interface WireSignals {
  readonly dataTerminalReady?: boolean;
  readonly requestToSend?: boolean;
}

/**
 * A serial line as tools use it: bytes, without frames and without promises. In Node it is a port of the system or an
 * RFC 2217 server (TCP), in the page Web Serial, in tests memory. It is open from the start, until `close` or until its
 * cable is pulled.
 */
export interface Wire {
  /** What people call the port: `/dev/ttyUSB0`, `COM3`, `rfc2217://host:4000`. */
  readonly name: string;
  /** Hands bytes over; copied before it resolves. Rejects with WireError where the wire is closed. */
  write(data: Uint8Array): Promise<void>;
  /**
   * Calls the handler with bytes as they come, until the function that is returned is called; `data` is the handler's to
   * keep. Several may receive at the same time. Bytes that come while nobody receives are lost.
   */
  receive(handler: (data: Uint8Array) => void): () => void;
  /** Bits a second, on the host's side. Where the adapter has no rate (a pty), nothing happens. */
  setBaud(baud: number): Promise<void>;
  /** What is left out stays as it is. Missing where the adapter has no such lines (a pty). */
  readonly setSignals?: (signals: WireSignals) => Promise<void>;
  /** Milliseconds that a byte and its answer take beyond what the rate says, as far as that was measured: time limits get longer by it. */
  readonly roundTrip?: number;
  /** USB vendor and product id, where they are known. */
  readonly usb?: { readonly vendor: number; readonly product: number };
  /** Harmless where it is closed already. */
  close(): Promise<void>;
  /** Resolves when the wire is closed, by whomever; never rejects. */
  readonly closed: Promise<void>;
}

/** The wire ended, or could not be opened. */
export class WireError extends Error {
  override readonly name = "WireError";
  constructor(
    readonly code: "closed" | "not-there" | "busy" | "forbidden" | "failed",
    message: string,
  ) {
    super(message);
  }
}

/** The receivers of a wire, for those who make one. */
export class Receivers {
  readonly #handlers = new Set<(data: Uint8Array) => void>();

  add(handler: (data: Uint8Array) => void): () => void {
    const own = (data: Uint8Array) => handler(data);
    this.#handlers.add(own);
    return () => {
      this.#handlers.delete(own);
    };
  }

  received(data: Uint8Array): void {
    for (const handler of [...this.#handlers]) handler(data);
  }

  clear(): void {
    this.#handlers.clear();
  }
}
