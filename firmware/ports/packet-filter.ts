/** First bytes of the packets that a broker may send to who subscribes to nothing and publishes at QoS 1 (MQTT 3.1.1 §2.2), and their lengths. */
const CONNACK = 0x20;
const PUBACK = 0x40;
const PINGRESP = 0xd0;
const LENGTHS: { readonly [first: number]: number } = Object.freeze({
  [CONNACK]: 2,
  [PUBACK]: 2,
  [PINGRESP]: 0,
});

/**
 * Looks at a broker's bytes before the SDK's client does, which would make room for a topic of 65,535 bytes, or for answers without end, and so
 * could be brought to fill the machine's memory.
 */
export class PacketFilter {
  /** What the packet's length must be, until it is known to be so. */
  #length: number | undefined;
  #left = 0;

  /** Throws Error that says what is wrong with the next byte. */
  check(byte: number): void {
    if (this.#left > 0) this.#left--;
    else if (this.#length === undefined) {
      this.#length = LENGTHS[byte];
      if (this.#length === undefined)
        throw new Error(`the broker sent what it was not asked for: a packet of type ${byte >> 4}`);
    } else {
      if (byte !== this.#length) throw new Error(`the broker sent a packet of ${byte} bytes`);
      this.#left = this.#length;
      this.#length = undefined;
    }
  }
}
