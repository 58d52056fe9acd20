import type { DroppedRange } from "../../../agent/frame/chain.js";
import { Journal } from "../../../agent/journal/journal.js";
import { Losses } from "../../../agent/journal/losses.js";
import { replaceMethod, type Sabotage } from "./sabotage.js";

const nothing = () => () => undefined;

function declareMore(): () => void {
  return replaceMethod(
    Journal.prototype,
    "lost",
    (lost) =>
      function (...ids) {
        const ranges = lost.apply(this, ids) as DroppedRange[];
        return ranges.map(({ boot, first, last }) => ({ boot, first: Math.max(0, first - 1), last }));
      },
  );
}

/** What a journal does wrong. */
export const JOURNAL_SABOTAGES = {
  "declare-more": {
    what: "one frame more is declared lost than is",
    install: declareMore,
  },
  "declare-for-ever": {
    what: "what was lost is declared again and again",
    install: () => replaceMethod(Losses.prototype, "acknowledged", nothing),
  },
  "never-record": {
    what: "acknowledgements are not written down",
    install: () => replaceMethod(Journal.prototype, "record", nothing),
  },
} satisfies Record<string, Sabotage>;
