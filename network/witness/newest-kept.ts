import type { KeptCheckpoints } from "../log/kept-checkpoints.js";

/**
 * What was seen of logs, with what was cosigned of them counted as seen: a log may have been
 * cosigned since it was last looked at.
 */
export function newestKept(seen: KeptCheckpoints, cosigned: Pick<KeptCheckpoints, "last">): KeptCheckpoints {
  return {
    last(origin) {
      const [looked, signed] = [seen.last(origin), cosigned.last(origin)];
      return signed !== undefined && signed.size > (looked?.size ?? -1) ? signed : looked;
    },
    keep: (origin, note) => seen.keep(origin, note),
  };
}
