import { hex, unhex } from "../../agent/cose/kid.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import type { HeldFrame, OwnFrames } from "../epoch/named-sets.js";
import type { Inventories } from "../ports/inventories.js";
import type { WitnessStore } from "../ports/witness-store.js";

/** The frames of the inventory that was signed for an epoch, as the store has them. */
export function ownFrames(
  epoch: number,
  inventories: Inventories,
  store: Pick<WitnessStore, "frame">,
  hasher: Hasher,
): OwnFrames {
  return {
    *kids() {
      for (const { kid } of inventories.devices(epoch)) yield hex(kid);
    },
    frames(kid) {
      const { stretches = [] } = inventories.device(epoch, unhex(kid)) ?? {};
      return stretches.flatMap(([boot, first, count]) =>
        Array.from({ length: count }, (_, at): HeldFrame | undefined => {
          const position = { boot, sequence: first + at };
          const bytes = store.frame(kid, position)?.bytes;
          return bytes && { ...position, digest: digestOf(bytes, hasher), bytes };
        }).filter((frame) => frame !== undefined),
      );
    },
  };
}
