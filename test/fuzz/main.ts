import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { FuzzFinding, fuzz, give } from "./run.js";
import { createTargets } from "./targets.js";

// What `node scripts/fuzz.js` runs.

const all = createTargets();
const USAGE = `node scripts/fuzz.js [--minutes 5] [--inputs 1000000] [--seed n] [--target name]... [--input n]
Mutated frames, statuses, orders, Improv packets, zips, files and events through every entry and every renderer, until both
minutes and inputs are over. Exit code 1 where one does harm, or memory grows.
--input: gives the one target that is named the input with this number of this seed, and no other.
Targets: ${all.map(({ name }) => name).join(", ")}
`;
/** Bytes by which memory may grow from the first third of the run to the last. */
const GROWTH = 16 << 20;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    inputs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    target: { type: "string", multiple: true },
    input: { type: "string" },
    help: { type: "boolean" },
  },
});
const [minutes, inputs, seed] = [values.minutes, values.inputs, values.seed].map(Number) as [
  number,
  number,
  number,
];
const targets = all.filter(({ name }) => values.target?.includes(name) ?? true);
const say = (line: string) => console.log(line);
const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);

async function run(): Promise<void> {
  say(`seed ${seed}`);
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 60_000;
  const result = await fuzz({
    seed,
    targets,
    share: (done) => Math.min(minutes > 0 ? elapsed() / minutes : 1, inputs > 0 ? done / inputs : 1),
    progress: (done, heap) =>
      say(`${done} inputs in ${elapsed().toFixed(1)} minutes, ${megabytes(heap)} MB in use`),
  });
  for (const [name, count] of result.counts) say(`  ${name.padEnd(12)}${count}`);
  const [first = 0, , last = 0] = result.heaps;
  if (last - first > GROWTH)
    throw new FuzzFinding(
      `memory grows: ${megabytes(first)} MB after a third, ${megabytes(last)} at the end`,
    );
  say("nothing found");
}

if (values.help || targets.length === 0 || ![minutes, inputs, seed].every((number) => number >= 0)) {
  say(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else
  try {
    const [only] = targets;
    if (values.input === undefined) await run();
    else if (only !== undefined) await give(only, seed, Number(values.input));
  } catch (error) {
    if (!(error instanceof FuzzFinding)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
process.exit();
