import { accounted } from "./accounted.js";
import { bounds } from "./bounds.js";
import { cadence } from "./cadence.js";
import { chain } from "./chain.js";
import { crash } from "./crash.js";
import { dates } from "./dates.js";
import { delivered } from "./delivered.js";
import { equivocation } from "./equivocation.js";
import { heard } from "./heard.js";
import { herd } from "./herd.js";
import type { Oracle, OracleContext } from "./oracle.js";
import { progress } from "./progress.js";
import { remembered } from "./remembered.js";
import { witness } from "./witness.js";

const ORACLES = [
  equivocation,
  crash,
  remembered,
  chain,
  dates,
  witness,
  bounds,
  herd,
  cadence,
  progress,
  heard,
  delivered,
  accounted,
];

/** All oracles for one run; the order is that in which they are asked. */
export function allOracles(context: OracleContext): Oracle[] {
  return ORACLES.map((make) => make(context));
}
