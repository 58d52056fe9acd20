// Kills a witness under load again and again: `node scripts/witness-kills.js [kills]`, 200 where left out. It is the
// test of that name with more kills, and takes some 4 s each.
import { spawnSync } from "node:child_process";

const kills = Number(process.argv[2] ?? 200);
if (!Number.isSafeInteger(kills) || kills < 1) throw new Error("give a number of kills");
const { status } = spawnSync("npx", ["jest", "test/scenario/witness", "-t", "times under load"], {
  stdio: "inherit",
  env: { ...process.env, WITNESS_KILLS: `${kills}` },
});
process.exitCode = status ?? 1;
