import { absentOf, UPLINK } from "./agent-under-test.js";
import { NODE } from "./engine.js";
import { FAULT_KINDS } from "./faults/kinds.js";
import { BoardLedger } from "./ledger.js";
import type { Failure, RunOptions } from "./options.js";
import { allOracles } from "./oracles/all.js";
import { boardName, endOf, type Fault, makePlan } from "./plan.js";
import { sabotageOf } from "./sabotage/all.js";
import { Trace } from "./trace.js";
import { type Counts, Watch } from "./watch.js";
import { World } from "./world.js";

const MINUTE = 60_000;
/** Milliseconds after the last fault in which all must settle: boards may wait for so long before they try again. */
export const QUIET = 15 * MINUTE + UPLINK.backoff.max;
/** Milliseconds before the end at which boards sample no more. */
const LAST_CALL = 4 * MINUTE;

export interface RunResult {
  /** SHA-256 of the trace, in hex. */
  readonly trace: string;
  readonly lines: number;
  readonly frames: Omit<Counts, "cuts">;
  readonly cuts: number;
  /** Faults that began, by kind, in the order of their names. */
  readonly faults: Readonly<Record<string, number>>;
  readonly failure: Failure | null;
  /** Milliseconds of the run, up to where it failed. */
  readonly simulated: number;
}

/** The plan of a run, cut down as its options say; each with its number in the whole plan. */
export function planOf(options: RunOptions): { readonly number: number; readonly fault: Fault }[] {
  const { plan, only, boards, until = Number.POSITIVE_INFINITY } = options;
  const whole = plan ?? makePlan(options);
  const left = new Set(boards?.map(boardName));
  return whole
    .map((fault, number) => ({ number, fault }))
    .filter(({ number, fault: { at, whom } }) => {
      const [client = ""] = whom.split("/");
      const isLeftOut = boards !== undefined && client.startsWith("board-") && !left.has(client);
      return (only === undefined || only.includes(number)) && at < until && !isLeftOut;
    });
}

/**
 * One run of a world, from its start to the end of the quiet time after its last fault, or to the first failure. A function of the
 * options: nothing else goes in. `sink` gets the trace's lines. Throws InputError for options that make no world.
 */
export function run(options: RunOptions, sink?: (text: string) => void): RunResult {
  const { seed, devices, boards, brokers, interval, engine = NODE, keep = "brokers" } = options;
  const duration = Math.min(options.duration, options.until ?? Number.POSITIVE_INFINITY);
  const plan = planOf(options);
  const faults = plan.map(({ fault }) => fault);
  const trace = new Trace(sink);
  const ledgers = Array.from({ length: devices }, () => new BoardLedger(brokers, absentOf(seed)));
  const watch = new Watch(trace, ledgers);
  const sabotage = sabotageOf(options.sabotage);
  const { uplink = {}, meddle = (ports) => ports } = sabotage;
  const note = (who: string, what: string) => watch.note(who, what);
  const world = new World(
    { seed, devices, boards, brokers, interval, engine, keep, uplink, meddle, note },
    watch,
  );
  watch.world = world;
  world.losses.ledgers = ledgers;
  const { scheduler } = world;
  let failure: Failure | null = null;
  const end = Math.max(duration, ...faults.map(endOf)) + QUIET;
  const watching = allOracles({
    world,
    ledgers,
    faults,
    calmFrom: end - QUIET,
    interval,
    absent: absentOf(seed),
    now: () => scheduler.now,
    boardOf: (kid) => world.numberOf(kid),
    fail(oracle, board, message) {
      if (failure !== null) return;
      failure = { oracle, message, at: scheduler.now, board: board === undefined ? null : boardName(board) };
      scheduler.stop();
    },
  });
  watch.oracles = watching.filter(({ name }) => options.oracles?.includes(name) ?? true);

  const counts: Record<string, number> = {};
  for (const { number, fault } of plan)
    scheduler.after(fault.at, () => {
      const { kind, whom } = fault;
      counts[kind] = (counts[kind] ?? 0) + 1;
      note(whom, `fault ${number}: ${kind} for ${fault.for} ms ${JSON.stringify(fault.how)}`);
      const over = FAULT_KINDS[kind].begin(world, fault);
      scheduler.after(fault.for, () => {
        note(whom, `fault ${number} is over`);
        over();
      });
    });
  const tick = () => {
    world.losses.isOver();
    watch.tick();
    scheduler.after(MINUTE, tick);
  };
  scheduler.after(MINUTE, tick);
  scheduler.after(end - LAST_CALL, () => world.finish());

  const undo = sabotage.install?.(world);
  try {
    world.start();
    scheduler.run(end);
    if (failure === null) {
      watch.finish();
      world.verifier.giveUp();
    }
  } finally {
    undo?.();
    engine.clear();
  }
  const { cuts, ...frames } = watch.counts;
  const sorted = Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
  const lines = trace.lines;
  return { trace: trace.digest(), lines, frames, cuts, faults: sorted, failure, simulated: scheduler.now };
}
