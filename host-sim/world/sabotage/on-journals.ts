import type { DroppedRange } from "../../../agent/frame/chain.js";
import { Journal } from "../../../agent/journal/journal.js";
import { Losses } from "../../../agent/journal/losses.js";
import { BrokerUplink } from "../../../agent/uplink/uplink.js";
import type { World } from "../world.js";
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

/** Milliseconds of the run from which on one broker alone answers: journals fill up with what it has. */
const ALONE = 10 * 60_000;

/** What a broker has is told to the journal as nobody's. */
function forgetHolders({ brokers, scheduler }: World): () => void {
  for (const broker of brokers.slice(1)) scheduler.after(ALONE, () => broker.freeze());
  return replaceMethod(BrokerUplink.prototype, "holds", () => () => 0);
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
  "declare-delivered": {
    what: "a frame that had to go is declared lost though a broker has it",
    install: forgetHolders,
  },
  "never-record": {
    what: "acknowledgements are not written down",
    install: () => replaceMethod(Journal.prototype, "record", nothing),
  },
} satisfies Record<string, Sabotage>;
