import { accounted } from "./accounted.js";
import { bounds } from "./bounds.js";
import { cadence } from "./cadence.js";
import { chain } from "./chain.js";
import { cheat } from "./cheat.js";
import { copies } from "./copies.js";
import { crash } from "./crash.js";
import { dates } from "./dates.js";
import { delivered } from "./delivered.js";
import { equivocation } from "./equivocation.js";
import { heard } from "./heard.js";
import { herd } from "./herd.js";
import { losses } from "./losses.js";
import type { Oracle, OracleContext } from "./oracle.js";
import { order } from "./order.js";
import { patience } from "./patience.js";
import { progress } from "./progress.js";
import { readings } from "./readings.js";
import { remembered } from "./remembered.js";
import { sessions } from "./sessions.js";
import { status } from "./status.js";
import { vouched } from "./vouched.js";

const ORACLES = [
  equivocation,
  crash,
  remembered,
  chain,
  dates,
  readings,
  status,
  losses,
  copies,
  order,
  sessions,
  cheat,
  bounds,
  herd,
  cadence,
  progress,
  patience,
  heard,
  delivered,
  accounted,
];

/** Those of the rule by which frames leave where brokers' word counts. */
const OF_BROKERS: readonly unknown[] = [remembered, losses, copies, order, progress, patience];
/** Those of a world whose boards keep frames for witnesses. */
const WITH_WITNESSES = [...ORACLES.filter((make) => !OF_BROKERS.includes(make)), vouched];

/** Names of those of a world where brokers' word counts. */
export const ORACLE_NAMES: readonly string[] = ORACLES.map(({ name }) => name);

/** All oracles for one run; the order is that in which they are asked. */
export function allOracles(context: OracleContext): Oracle[] {
  return (context.world.keep === "witnesses" ? WITH_WITNESSES : ORACLES).map((make) => make(context));
}
