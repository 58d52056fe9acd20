import type { Random } from "../../agent/ports/random.js";
import { random } from "./native.js";

/** The signer's random source, tested and conditioned (native/entropy.h): there once the signer is. */
export class BoardRandom implements Random {
  fill(into: Uint8Array): void {
    random(into);
  }
}
