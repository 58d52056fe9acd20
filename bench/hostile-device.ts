import { FrameWriter } from "../agent/frame/write.js";
import type { Signer } from "../agent/ports/signer.js";
import { hasher } from "../node/ports/signer.js";

const PREV = 16;
const TIME = 1_795_000_000;
const CONFIGURATION = "c0f1c0f1c0f1c0f1";

/** Good enough for the parser: what a benched judge holds against it, it says itself. */
const noSigner: Signer = {
  publicKey: new Uint8Array(33),
  sha256: () => {},
  sign: (_digest, into, at) => into.fill(1, at, at + 64),
};

export interface Shape {
  readonly boot?: number;
  readonly sequence: number;
  readonly prev?: Uint8Array;
  readonly uptime?: number;
  readonly dropped?: readonly { boot: number; first: number; last: number }[];
  readonly readings?: number;
}

/** A device that signs what it is told to. */
export class PuppetDevice {
  readonly #writer: FrameWriter;
  readonly #hash = new Uint8Array(32);
  /** Of the frame that it made last. */
  last: Uint8Array = new Uint8Array(PREV);
  count = 0;

  constructor(network: string, kid: Uint8Array) {
    this.#writer = new FrameWriter(network, kid, 4096);
  }

  frame({
    boot = 1,
    sequence,
    prev = this.last,
    uptime = sequence,
    dropped = [],
    readings = 1,
  }: Shape): Uint8Array {
    const configuration = sequence === 0 ? CONFIGURATION : undefined;
    const header = {
      boot,
      sequence,
      prev,
      uptime,
      clock: 2 as const,
      time: TIME + uptime,
      configuration,
      dropped,
    };
    this.#writer.begin(header, readings);
    for (let i = 0; i < readings; i++)
      this.#writer.reading("temperature", "Cel", 2000 + (this.count % 997) + i, -2, 0);
    this.count++;
    const frame = this.#writer.finish(noSigner).slice();
    hasher.sha256(frame, this.#hash, 0);
    this.last = this.#hash.slice(0, PREV);
    return frame;
  }

  next(): Uint8Array {
    return this.frame({ sequence: this.count });
  }
}

const ZEROS = new Uint8Array(PREV);
const range = (first: number, last: number) => ({ boot: 1, first, last });

/** What a hostile device's frame number `i` is; a device has one of these manners. */
export const MANNERS: readonly ((device: PuppetDevice, i: number) => Uint8Array)[] = [
  // 16 ranges in each frame that nobody declared before, and none of them explains its gap.
  (device, i) =>
    device.frame({
      sequence: 100 * (i + 1),
      dropped: Array.from({ length: 16 }, (_, n) => range(100 * i + 4 * n + 2, 100 * i + 4 * n + 3)),
    }),
  // Every other frame is missing.
  (device, i) => device.frame({ sequence: 2 * i, prev: device.last.map((byte) => byte ^ 1) }),
  // Each frame declares a gap, and follows nothing.
  (device, i) =>
    device.frame({ sequence: 2 * i, prev: ZEROS, dropped: i === 0 ? [] : [range(2 * i - 1, 2 * i - 1)] }),
  // The longest frames, each behind a gap.
  (device, i) => device.frame({ sequence: 3 * i + 1, readings: 255 }),
  // Backwards, from far away.
  (device, i) => device.frame({ sequence: 1_000_000 - 2 * i }),
  // Two for each place.
  (device, i) => device.frame({ sequence: i >> 1, uptime: i }),
  // A boot each, and clocks that jump.
  (device, i) => device.frame({ boot: 1 + (i >> 2), sequence: i & 3, uptime: 5000 - i }),
  // A wide gap, declared, which is filled from its middle.
  (device, i) =>
    i < 2
      ? device.frame({
          sequence: 10_000 * i,
          dropped: i === 0 ? [] : [range(1, 9999)],
          prev: i === 0 ? ZEROS : ZEROS.map(() => 7),
        })
      : device.frame({ sequence: (3 * i) % 10_000 }),
];
