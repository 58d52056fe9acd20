import { DeviceChain, type Settled } from "../../../network/verify/chain.js";
import { SeenFrames } from "../../../network/verify/seen.js";
import { signatureChecker } from "../../../node/ports/signer.js";
import { VirtualVerifier } from "../verifier.js";
import type { World } from "../world.js";
import { replaceMethod, type Sabotage } from "./sabotage.js";

/** Milliseconds from the acknowledgement to the writing. */
const LATE = 200;

function acknowledgeFirst({ scheduler }: World): () => void {
  return replaceMethod(
    VirtualVerifier.prototype,
    "receive",
    (receive) =>
      function (...given) {
        scheduler.after(LATE, () => receive.apply(this, given));
        return true;
      },
  );
}

function everythingFollows(): () => void {
  return replaceMethod(
    DeviceChain.prototype,
    "settled",
    () =>
      function* (this: object): Generator<Settled<never>> {
        if (this instanceof DeviceChain)
          for (const { item } of this.giveUp()) yield { item: item as never, link: "linked" };
      },
  );
}

/** What verifiers do wrong. */
export const VERIFIER_SABOTAGES = {
  "no-chain": {
    what: "the verifier does not look at the chain",
    install: everythingFollows,
  },
  "no-signature": {
    what: "the verifier takes any signature",
    install: () => replaceMethod(signatureChecker, "verify", () => () => true),
  },
  "no-memory": {
    what: "the verifier does not know frames again",
    install: () => replaceMethod(SeenFrames.prototype, "has", () => () => undefined),
  },
  "acknowledge-first": {
    what: "the verifier acknowledges before it has written",
    install: acknowledgeFirst,
  },
} satisfies Record<string, Sabotage>;
