import { hex, kidOfKey } from "../agent/cose/kid.js";
import { didOfKey } from "../agent/frame/identity.js";
import { PREV_BYTES } from "../agent/frame/layout.js";
import { FrameWriter } from "../agent/frame/write.js";
import type { RegistryFile } from "../network/verify/registry.js";
import { createSigner, hasher, newPrivateKey } from "../node/ports/signer.js";

/** Of a board's first frame, in Unix seconds: the start of a day (UTC). */
export const BENCH_START = 1_789_948_800;

/** Signs frames of one reading, one after another, as a chain. */
export class BenchBoard {
  readonly device: string;
  readonly registry: RegistryFile;
  readonly #signer = createSigner(newPrivateKey());
  readonly #writer: FrameWriter;
  readonly #hash = new Uint8Array(32);
  #prev = new Uint8Array(PREV_BYTES);
  #sequence = 0;

  /** `cadence`: seconds from one frame to the next. */
  constructor(
    network: string,
    readonly cadence = 1,
  ) {
    const kid = kidOfKey(this.#signer.publicKey, hasher);
    this.device = hex(kid);
    this.#writer = new FrameWriter(network, kid, 1024);
    const sensors = [{ name: "temperature", unit: "Cel", min: -90, max: 60, cadence }];
    this.registry = { network, devices: [{ did: didOfKey(this.#signer.publicKey), site: "bench", sensors }] };
  }

  /** A view that is good until the next call. */
  next(): Uint8Array {
    const sequence = this.#sequence++;
    const seconds = this.cadence * sequence;
    this.#writer.begin(
      {
        boot: 1,
        sequence,
        prev: this.#prev,
        uptime: 70_000 + seconds,
        clock: 2,
        time: BENCH_START + seconds,
        configuration: "c0f1c0f1c0f1c0f1",
        dropped: [],
      },
      1,
    );
    this.#writer.reading("temperature", "Cel", 2001 + (sequence % 1000), -2, 0);
    const frame = this.#writer.finish(this.#signer);
    hasher.sha256(frame, this.#hash, 0);
    this.#prev.set(this.#hash.subarray(0, PREV_BYTES));
    return frame;
  }
}
