import { Command } from "commander";
import { z } from "zod";
import { visible, visibleLine } from "../text/visible.js";
import { askWitness, LOCAL_WITNESS, witnessAddress } from "./ask-witness.js";
import { print, printJson } from "./output.js";

const EXAMPLES = `
Examples:
  $ fieldmark witness peers
  $ fieldmark witness peers --witness https://w1.example.org --json

Exit codes: 0 fine, 1 the witness does not answer, or a peer's log was seen to fork.`;

const Peers = z.array(
  z.object({
    name: z.string(),
    size: z.int().nullable(),
    state: z.string(),
    reason: z.string().optional(),
    cosigned: z.int().nullable(),
  }),
);
const State = z.object({ entries: z.int(), peers: Peers });

type Peer = z.infer<typeof Peers>[number];

/** Characters of a witness's state. */
const MOST = 1 << 18;

export function witnessPeersCommand(): Command {
  return new Command("peers")
    .description("Show a witness's peers: who is up, how far behind they are, whose log was seen to fork.")
    .option("--witness <url>", "the witness's HTTP", witnessAddress, LOCAL_WITNESS)
    .option("--json", "print them as JSON")
    .addHelpText("after", EXAMPLES)
    .action(async ({ witness, json }: { witness: string; json?: boolean }, command: Command) => {
      const state = State.safeParse(await askWitness(witness, "/v1/state", MOST));
      if (!state.success) throw new Error(`${witness} does not answer as a witness does`);
      const { peers, entries } = state.data;
      // The command above has --json, too, and takes it.
      if (json === true || command.parent?.opts<{ json?: boolean }>().json === true) printJson(peers);
      else if (peers.length === 0) print("It has no peers: docs/network.md says how it gets some.");
      else for (const peer of peers) print(lineOf(peer, entries));
      const forked = peers.filter(({ state }) => state === "fork");
      if (forked.length > 0)
        throw new Error(`a log was seen to fork: ${forked.map(({ name }) => visible(name)).join(", ")}`);
    });
}

function lineOf({ name, size, state, reason, cosigned }: Peer, entries: number): string {
  const seen = size === null ? "never seen" : `${size} entries`;
  const behind = cosigned === null ? "has cosigned nothing of ours" : behindText(entries - cosigned);
  const why = reason === undefined ? "" : `: ${visibleLine(reason)}`;
  return `${visible(name)}  ${visible(state)}  ${seen}, ${behind}${why}`;
}

const behindText = (behind: number) =>
  behind <= 0 ? "has cosigned all of ours" : `is ${behind} entries of ours behind`;
