/** Telnet (RFC 854): commands stand among the data, each after IAC; a byte of data that is IAC is doubled. */
export const IAC = 255;
export const DONT = 254;
export const DO = 253;
export const WONT = 252;
export const WILL = 251;
export const SB = 250;
export const SE = 240;

/** RFC 856, RFC 858, RFC 2217. */
export const OPTION_BINARY = 0;
export const OPTION_SUPPRESS_GO_AHEAD = 3;
export const OPTION_COM_PORT = 44;

/** A subnegotiation that is longer is none of those known here. */
const MAX_SUBNEGOTIATION = 512;

export interface TelnetHandler {
  data(bytes: Uint8Array): void;
  /** WILL, WONT, DO or DONT of an option. */
  option(verb: number, option: number): void;
  /** What stands between SB and SE, the option first. */
  subnegotiation(bytes: Uint8Array): void;
}

/** Parts data and commands of what one side sends. */
export class TelnetReader {
  readonly #handler: TelnetHandler;
  #state: "data" | "iac" | "verb" | "sub" | "sub-iac" = "data";
  #verb = 0;
  #sub: number[] = [];

  constructor(handler: TelnetHandler) {
    this.#handler = handler;
  }

  received(bytes: Uint8Array): void {
    let data: number[] = [];
    const flush = () => {
      if (data.length > 0) this.#handler.data(Uint8Array.from(data));
      data = [];
    };
    for (const byte of bytes) {
      switch (this.#state) {
        case "data":
          if (byte === IAC) this.#state = "iac";
          else data.push(byte);
          break;
        case "iac":
          this.#state = "data";
          if (byte === IAC) data.push(IAC);
          else if (byte === SB) {
            this.#state = "sub";
            this.#sub = [];
          } else if (byte >= WILL && byte <= DONT) {
            this.#state = "verb";
            this.#verb = byte;
          }
          break;
        case "verb":
          this.#state = "data";
          flush();
          this.#handler.option(this.#verb, byte);
          break;
        case "sub":
          if (byte === IAC) this.#state = "sub-iac";
          else this.#keep(byte);
          break;
        case "sub-iac":
          this.#state = byte === SE ? "data" : "sub";
          if (byte === SE) {
            flush();
            this.#handler.subnegotiation(Uint8Array.from(this.#sub));
          } else if (byte === IAC) this.#keep(IAC);
          break;
      }
    }
    flush();
  }

  /** Of a subnegotiation, as much as is known. */
  #keep(byte: number): void {
    if (this.#sub.length < MAX_SUBNEGOTIATION) this.#sub.push(byte);
  }
}

/** Data as it goes over the wire. */
export function escaped(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    out.push(byte);
    if (byte === IAC) out.push(IAC);
  }
  return Uint8Array.from(out);
}

/** `IAC SB option … IAC SE`. */
export function subnegotiation(option: number, bytes: Uint8Array): Uint8Array {
  return Uint8Array.of(IAC, SB, option, ...escaped(bytes), IAC, SE);
}
