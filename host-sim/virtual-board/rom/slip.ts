/** SLIP (RFC 1055): packets between END bytes, with END and ESC inside a packet escaped. */
const END = 0xc0;
const ESC = 0xdb;
const ESC_END = 0xdc;
const ESC_ESC = 0xdd;

export function slipPacket(data: Uint8Array): Uint8Array {
  const escaped = data.reduce((count, byte) => count + (byte === END || byte === ESC ? 1 : 0), 0);
  const packet = new Uint8Array(data.length + escaped + 2);
  let at = 0;
  packet[at++] = END;
  for (const byte of data) {
    if (byte === END || byte === ESC) {
      packet[at++] = ESC;
      packet[at++] = byte === END ? ESC_END : ESC_ESC;
    } else packet[at++] = byte;
  }
  packet[at] = END;
  return packet;
}

/** Finds packets in a stream. What stands outside of packets, and packets that are too long or wrongly escaped, are dropped. */
export class SlipReader {
  readonly #buffer: Uint8Array;
  readonly #packet: (data: Uint8Array) => void;
  #length = 0;
  #inside = false;
  #escaping = false;

  /** `packet` gets each packet, without its ENDs, as a view that is valid during the call. `most`: bytes of a packet. */
  constructor(packet: (data: Uint8Array) => void, most: number) {
    this.#packet = packet;
    this.#buffer = new Uint8Array(most);
  }

  received(data: Uint8Array): void {
    for (const byte of data) this.#byte(byte);
  }

  #byte(byte: number): void {
    if (byte === END) {
      const { buffer, length } = { buffer: this.#buffer, length: this.#length };
      const isPacket = this.#inside && length > 0 && !this.#escaping;
      // An END ends a packet or, where nothing stands before it, begins one: so a lost one costs one packet, not all.
      this.#inside = !isPacket;
      this.#length = 0;
      this.#escaping = false;
      if (isPacket) this.#packet(buffer.subarray(0, length));
    } else if (!this.#inside) {
      return;
    } else if (this.#escaping) {
      this.#escaping = false;
      if (byte === ESC_END) this.#push(END);
      else if (byte === ESC_ESC) this.#push(ESC);
      else this.#inside = false;
    } else if (byte === ESC) this.#escaping = true;
    else this.#push(byte);
  }

  #push(byte: number): void {
    if (this.#length === this.#buffer.length) this.#inside = false;
    else this.#buffer[this.#length++] = byte;
  }
}
