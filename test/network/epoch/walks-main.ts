import { walk } from "./voting-walk.js";

const [first = 1, count = 100] = process.argv.slice(2).map(Number);
const started = performance.now();
let broken = 0;
for (let seed = first; seed < first + count; seed++)
  for (const [witnesses, liars] of [
    [4, 1],
    [7, 2],
  ] as const) {
    const violations = await walk({ witnesses, liars, seed });
    if (violations.length === 0) continue;
    broken++;
    console.log(`${witnesses} witnesses, seed ${seed}: ${violations.join("; ")}`);
  }
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(`${count} seeds, of 4 and of 7 witnesses: ${broken} runs broken; ${seconds} s`);
process.exitCode = broken === 0 ? 0 : 1;
