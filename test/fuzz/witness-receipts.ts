import type { Position } from "../../agent/frame/chain.js";
import { RECEIPT_TYPE } from "../../agent/receipt/witness-receipt.js";
import { MAX_INBOX_BYTES } from "../../agent/settings/broker.js";
import { writeWitnessReceipt } from "../../network/witness/receipt.js";
import { createSigner } from "../../node/ports/signer.js";
import { AgentHarness, countingSensor } from "../agent/agent-harness.js";
import { below, hostileInput, type Prng, pick } from "../agent/frame/mutate.js";
import { TEST_NETWORK, testKid } from "../support/frames.js";
import { signedAgain } from "./hostile.js";
import type { Target } from "./run.js";

const AAD = Uint8Array.from(RECEIPT_TYPE, (letter) => letter.charCodeAt(0));
const [ANN, BEN, EVE] = [4, 5, 6].map((byte) => createSigner(new Uint8Array(32).fill(byte))) as [
  Signer,
  Signer,
  Signer,
];
type Signer = ReturnType<typeof createSigner>;
/** Of sectors of 4,096 bytes: what nobody vouches for has to go soon. */
const SECTORS = 4;
/** Timers of a board with two brokers in memory, and messages on their way. */
const TIMERS = 100;

/** A board's receipt topic: whoever can publish there, its witnesses too, and they lie. */
export function witnessReceiptsTarget(): Target {
  const board = new AgentHarness();
  const witnesses = { least: 2, keys: [ANN.publicKey, BEN.publicKey] };
  const start = () => {
    board.cut();
    board.boot({ witnesses }, [countingSensor(5000)], SECTORS).start();
  };
  start();
  const position = (random: Prng): Position =>
    random() < 0.9
      ? { boot: board.agent?.boot ?? 0, sequence: below(random, 200) }
      : { boot: below(random, 9), sequence: 2 ** below(random, 53) };
  const receipt = (random: Prng) => {
    const at = [position(random), position(random)] as const;
    const isInOrder = at[0].boot === at[1].boot && at[0].sequence <= at[1].sequence;
    const [from, to] = isInOrder ? at : [at[0], at[0]];
    const range = { device: testKid, from, to };
    return writeWitnessReceipt(range, TEST_NETWORK, pick(random, [ANN, BEN, EVE]));
  };
  return {
    name: "witness-receipts",
    share: 2,
    input(random) {
      const good = receipt(random);
      const bad = random() < 0.3 ? good : hostileInput(random, [good]);
      const given = random() < 0.5 ? signedAgain(bad, pick(random, [ANN, BEN, EVE]), AAD) : bad;
      board.agent?.receive(given.slice(0, MAX_INBOX_BYTES));
      board.world.advance(pick(random, [0, 50, 300, 20_000]));
      if (board.world.pending > TIMERS) throw new Error(`${board.world.pending} timers`);
      if (random() < 0.005) start();
      for (const list of [board.events, board.received, board.traffic]) list.length = 0;
    },
  };
}
