import { below, createRandom32, type Random32 } from "../flash/random.js";

export interface WireFaultOptions {
  /** Of a million bytes so many have a bit turned over. */
  readonly noise?: number;
  /** The cable is pulled when so many bytes went over it, both ways together. */
  readonly cutAt?: number;
  /** The fastest rate that the cable carries: above it all is garbage. */
  readonly mostBaud?: number;
  /** Of the noise. */
  readonly seed?: number;
}

/** What a bad cable does to bytes. */
export class WireFaults {
  readonly #options: WireFaultOptions;
  readonly #cut: () => void;
  readonly #random: Random32;
  #carried = 0;

  constructor(options: WireFaultOptions, cut: () => void) {
    this.#options = options;
    this.#cut = cut;
    this.#random = createRandom32(options.seed ?? 1);
  }

  /** What arrives of `data`; a copy. */
  carried(data: Uint8Array, hostBaud: number, boardBaud: number): Uint8Array {
    const {
      noise = 0,
      cutAt = Number.POSITIVE_INFINITY,
      mostBaud = Number.POSITIVE_INFINITY,
    } = this.#options;
    const arrived = data.slice(0, Math.max(0, cutAt - this.#carried));
    this.#carried += data.length;
    if (this.#carried >= cutAt) queueMicrotask(this.#cut);
    const isGarbage = hostBaud !== boardBaud || hostBaud > mostBaud;
    for (let i = 0; i < arrived.length; i++) {
      if (isGarbage) arrived[i] = 0x80 | below(this.#random, 0x40);
      else if (noise > 0 && below(this.#random, 1_000_000) < noise)
        arrived[i] = (arrived[i] as number) ^ (1 << below(this.#random, 8));
    }
    return arrived;
  }
}
