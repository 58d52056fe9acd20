import { isSameBytes } from "../../agent/cose/kid.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import type { InventoryLink } from "../ports/inventory-link.js";
import { MAX_PLACES } from "./frames-wire.js";
import type { Entry } from "./subtree.js";

/** A frame that is not here, and the witnesses whose inventories have it. */
export interface Wanted extends Entry {
  readonly holders: readonly number[];
}

/**
 * Fetches frames from those who named them, each checked by its digest. Who has not what it named is
 * asked for nothing more, and another one is. What nobody gives is left out.
 */
export async function* fetchFrames(
  wanted: Iterable<Wanted>,
  links: ReadonlyMap<number, Pick<InventoryLink, "frames">>,
  hasher: Hasher,
): AsyncGenerator<Uint8Array> {
  const missing = new Set(wanted);
  for (const [witness, link] of links) {
    const named = [...missing].filter(({ holders }) => holders.includes(witness));
    for (let from = 0; from < named.length; from += MAX_PLACES) {
      const asked = named.slice(from, from + MAX_PLACES);
      const answers = await link.frames(asked.map(({ key }) => key)).catch(() => []);
      let isWhole = true;
      for (const [at, one] of asked.entries()) {
        const frame = answers[at];
        if (frame !== undefined && isSameBytes(digestOf(frame, hasher), one.digest)) {
          missing.delete(one);
          yield frame;
        } else isWhole = false;
      }
      if (!isWhole) break;
    }
  }
}
