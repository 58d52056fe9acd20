import type { FleetEvent, FleetOptions, FleetStatus } from "../../host-sim/fleet/fleet.js";
import { visible, visibleLine } from "../../text/visible.js";
import { openPicture, tell, warn } from "../output.js";
import type { FleetSummary } from "./fleet-summary.js";

/** Milliseconds between two pictures on a terminal, and between two lines in a pipe. */
const PICTURE = 250;
const LINE = 1000;
/** Milliseconds between two lines of progress in a pipe. */
const PROGRESS = 3000;
/** Different troubles that are remembered. */
const MOST_TOLD = 100;
/** Milliseconds in which the same trouble of a broker is told once, and reasons that the summary lists. */
const REPEAT = 10_000;
const REASONS = 10;
/** Lines of events that the live view shows. */
const EVENTS = 6;

export interface FleetView {
  /** Shown where nothing else is, in --json, too. */
  warn(line: string): void;
  /** What takes long before anything runs: one line that changes on a terminal, one in a while elsewhere. */
  progress(line: string): void;
  /** No more progress. */
  ready(): void;
  event(event: FleetEvent): void;
  start(status: () => FleetStatus): void;
  draining(): void;
  stop(): void;
  summary(summary: FleetSummary, options: FleetOptions): string;
}

/** A live picture on a terminal, plain lines elsewhere. `quiet`: warnings only. `log` gets all lines in any case. */
export async function createFleetView(
  quiet: boolean,
  log: (line: string) => void = () => {},
): Promise<FleetView> {
  const live = quiet ? undefined : await openPicture();
  const events: string[] = [];
  let network = "";
  let timer: NodeJS.Timeout | undefined;
  let state = "Ctrl-C stops";
  let show = () => {};

  function say(line: string, isWarning = false): void {
    const dated = `${new Date().toISOString().slice(11, 19)}  ${line}`;
    log(dated);
    if (live !== undefined) {
      events.push(dated);
      events.splice(0, events.length - EVENTS);
    } else if (!quiet || isWarning) {
      tell(dated);
    }
  }

  const toldAt = new Map<string, number>();
  function linkClosed({ board, event }: FleetEvent & { type: "board" }): void {
    if (event.type !== "link-closed" || event.reason === "not needed") return;
    const line = `${visible(event.link)}: ${visible(event.reason)}`;
    const now = performance.now();
    if (now - (toldAt.get(line) ?? Number.NEGATIVE_INFINITY) < REPEAT) return;
    if (toldAt.size >= MOST_TOLD) toldAt.clear();
    toldAt.set(line, now);
    say(`${board}: ${line}`, true);
  }

  let progressedAt = Number.NEGATIVE_INFINITY;
  return {
    warn(line) {
      log(line);
      warn(line);
    },
    progress(line) {
      if (live !== undefined) live.show(line);
      else if (performance.now() - progressedAt >= PROGRESS) {
        progressedAt = performance.now();
        warn(line);
      }
    },
    ready: () => live?.clear(),
    event(event) {
      if (event.type === "started") network = event.network;
      if (event.type === "board") linkClosed(event);
      const line = eventLine(event);
      const isGood = event.type === "started" || (event.type === "broker" && event.state === "subscribed");
      if (line !== undefined) say(line, !isGood);
    },
    start(status) {
      const began = performance.now();
      let before = status();
      let beforeAt = began;
      let rate = 0;
      show = () => {
        const now = performance.now();
        const current = status();
        if (now - beforeAt >= LINE) {
          rate = ((current.frames.verified - before.frames.verified) * 1000) / (now - beforeAt);
          before = current;
          beforeAt = now;
        }
        const seconds = (now - began) / 1000;
        if (live !== undefined) live.show(picture(current, network, seconds, rate, state, events));
        else say(statusLine(current));
      };
      timer = setInterval(show, live === undefined ? LINE : PICTURE);
      if (live !== undefined) show();
    },
    draining() {
      state = "no more samples; waiting for frames under way (Ctrl-C again: end at once)";
      if (live === undefined) say(state);
    },
    stop() {
      clearInterval(timer);
      if (live === undefined) return;
      state = "done";
      show();
      live.done();
    },
    summary: summaryText,
  };
}

/** Undefined where there is nothing to say. Never throws, whatever a broker says. */
export function eventLine(event: FleetEvent): string | undefined {
  switch (event.type) {
    case "started":
      return `network ${event.network}, brokers ${event.brokers.map((name) => visible(name)).join(", ")}`;
    case "broker": {
      const reason = event.reason === "" ? "" : `: ${visible(event.reason)}`;
      return `verifier ${event.state === "lost" ? "lost" : "listens at"} ${visible(event.broker)}${reason}`;
    }
    case "failed":
      return visibleLine(event.error.message);
    case "ended":
      return `${event.board} ended: ${visible(event.reason)}`;
    default:
      return boardLine(event);
  }
}

function boardLine({ board, event }: FleetEvent & { type: "board" }): string | undefined {
  if (event.type === "sensor-failed")
    return `${board}: sensor ${event.sensor} failed: ${visible(event.reason)}`;
  if (event.type === "storage-failed") return `${board}: a frame was lost: ${visible(event.reason)}`;
  return undefined;
}

function picture(
  { devices, brokers, subscribed, links, wanted, frames, readings, latency_ms }: FleetStatus,
  network: string,
  seconds: number,
  rate: number,
  state: string,
  events: readonly string[],
): string {
  const rows = [
    ["boards", devices, "sampled", `${readings.sampled} readings`],
    ["brokers", `${subscribed}/${brokers}`, "signed", `${frames.signed} frames`],
    ["sessions", `${links}/${wanted}`, "acknowledged", frames.acknowledged],
    ["rate", `${rate.toFixed(1)}/s`, "verified", frames.verified],
    ["latency", `${latency_ms.p50 ?? "-"} ms`, "duplicate", frames.duplicate],
    ["p99", `${latency_ms.p99 ?? "-"} ms`, "rejected", rejectedText(frames.rejected)],
    ["", "", "under way", frames.lost],
  ];
  return [
    `fieldmark  network ${network}  ${Math.floor(seconds)} s  ${state}`,
    "",
    ...rows.map(
      ([left, value, right, count]) =>
        `  ${String(left).padEnd(9)}${String(value).padStart(10)}   ${String(right).padEnd(14)}${count}`,
    ),
    "",
    ...events.map((line) => `  ${line}`),
  ].join("\n");
}

function statusLine({ subscribed, brokers, links, wanted, frames, latency_ms }: FleetStatus): string {
  const { signed, acknowledged, verified, duplicate, rejected } = frames;
  return (
    `brokers ${subscribed}/${brokers}  sessions ${links}/${wanted}  signed ${signed}  acknowledged ${acknowledged}  verified ${verified}  ` +
    `duplicate ${duplicate}  rejected ${rejectedText(rejected)}  p50 ${latency_ms.p50 ?? "-"} ms  p99 ${latency_ms.p99 ?? "-"} ms`
  );
}

function rejectedText(rejected: FleetStatus["frames"]["rejected"]): string {
  const entries = Object.entries(rejected);
  return entries.length === 0 ? "0" : entries.map(([verdict, n]) => `${n} ${verdict}`).join(", ");
}

const ENGINES = { xs: "XS", node: "Node's engine", rv32: "emulated RV32IMC chips" };

function summaryText(
  { devices, brokers, engine, started_ms, seconds, troubles, frames, readings, latency_ms }: FleetSummary,
  options: FleetOptions,
) {
  const lines = [
    `${devices} boards on ${ENGINES[engine]}, ${brokers} brokers, ${seconds} s; started in ${started_ms} ms`,
    `frames    signed ${frames.signed}, acknowledged ${frames.acknowledged}, verified ${frames.verified}, lost ${frames.lost}, duplicate ${frames.duplicate}, rejected ${rejectedText(frames.rejected)}`,
    `readings  sampled ${readings.sampled}, verified ${readings.verified}`,
    `latency   p50 ${latency_ms.p50 ?? "-"} ms, p99 ${latency_ms.p99 ?? "-"} ms from signature to verdict`,
  ];
  for (const { broker, reason, times } of troubles.slice(0, REASONS))
    lines.push(`broker    ${visible(broker)}: ${visible(reason)}${times > 1 ? ` (${times} times)` : ""}`);
  if (options.out !== undefined)
    lines.push(`written   ${options.out}: check it with  fieldmark verify ${options.out}`);
  return `${lines.join("\n")}\n`;
}
