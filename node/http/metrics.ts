import { Counter, collectDefaultMetrics, Gauge, Registry, Summary } from "prom-client";
import { VERDICTS } from "../../agent/frame/verdict.js";
import type { WitnessCounts, WitnessState, WitnessView } from "../../network/witness/view.js";
import type { EventHub } from "./events.js";

/** Gauges that prom-client calls `_total`, which Prometheus leaves to counters. */
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];
const STATES = [
  "running",
  "catching-up",
  "full",
  "failed",
] as const satisfies readonly WitnessState["state"][];

/** What a scrape reads, all of it at one moment. */
interface Reading {
  readonly state: WitnessState;
  readonly counts: WitnessCounts;
}

type Single = (reading: Reading) => number;
type Labelled = (reading: Reading) => readonly (readonly [label: string, value: number])[];

/** A witness's metrics as text. docs/witness-http.md says what each is. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #read: () => Reading;
  #reading: Reading;

  constructor(view: WitnessView, hub: EventHub) {
    this.#read = () => ({ state: view.state(), counts: view.counts() });
    this.#reading = this.#read();
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);

    this.#counters(
      "fieldmark_frames_total",
      "Messages since the start, by verdict",
      "verdict",
      ({ counts }) => VERDICTS.map((verdict) => [verdict, counts.verdicts[verdict] ?? 0]),
    );
    this.#counters(
      "fieldmark_messages_total",
      "Messages since the start, by broker",
      "broker",
      ({ counts }) => Object.entries(counts.brokers),
    );
    this.#counter(
      "fieldmark_kept_bytes_total",
      "Bytes of frames kept since the start",
      ({ counts }) => counts.bytes,
    );
    this.#commits();
    this.#gauges("fieldmark_state", "1 for the state that the witness is in", "state", ({ state }) =>
      STATES.map((one) => [one, Number(one === state.state)]),
    );
    this.#gauges("fieldmark_broker_up", "1 where the witness is subscribed", "broker", ({ state }) =>
      state.brokers.map(({ broker, subscribed }) => [broker, Number(subscribed)]),
    );
    this.#gauge("fieldmark_devices", "Devices that are enrolled", ({ state }) => state.devices);
    this.#gauge("fieldmark_stored_frames", "Frames in the store", ({ state }) => state.frames);
    this.#gauge(
      "fieldmark_waiting_frames",
      "Frames that wait for those before them",
      ({ state }) => state.waiting,
    );
    this.#gauge(
      "fieldmark_quarantined_frames",
      "Frames of devices that are not enrolled",
      ({ state }) => state.quarantined,
    );
    this.#gauge("fieldmark_store_bytes", "Bytes on disk", ({ state }) => state.bytes);
    this.#gauge("fieldmark_log_entries", "Entries of the witness's log", ({ state }) => state.entries);
    this.#gauges(
      "fieldmark_peer_up",
      "1 where the peer's log goes on from what was seen of it",
      "peer",
      ({ state }) => state.peers.map(({ name, state }) => [name, Number(state === "up")]),
    );
    this.#gauges("fieldmark_peer_fork", "1 where the peer's log is forked", "peer", ({ state }) =>
      state.peers.map(({ name, state }) => [name, Number(state === "fork")]),
    );
    this.#gauge("fieldmark_event_listeners", "Connections that listen for events", () => hub.listeners);
    this.#counter(
      "fieldmark_event_listeners_dropped_total",
      "Listeners that were too slow",
      () => hub.dropped,
    );
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    this.#reading = this.#read();
    return this.#registry.metrics();
  }

  #gauge(name: string, help: string, value: Single): void {
    const reading = () => this.#reading;
    new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.set(value(reading()));
      },
    });
  }

  #gauges(name: string, help: string, label: string, values: Labelled): void {
    const reading = () => this.#reading;
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [which, value] of values(reading())) this.set({ [label]: which }, value);
      },
    });
  }

  /** The view counts; prom-client's counters can only be added to, from 0. */
  #counter(name: string, help: string, value: Single): void {
    const reading = () => this.#reading;
    new Counter({
      name,
      help,
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(value(reading()));
      },
    });
  }

  #counters(name: string, help: string, label: string, values: Labelled): void {
    const reading = () => this.#reading;
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const [which, value] of values(reading())) this.inc({ [label]: which }, value);
      },
    });
  }

  #commits(): void {
    const help = "Commits of the store, and the time that they took";
    new Commits("fieldmark_store_commit_seconds", help, this.#registry, () => this.#reading.counts);
  }
}

/** A summary without quantiles of what was summed elsewhere: prom-client's own only observes. */
class Commits extends Summary {
  readonly #counts: () => WitnessCounts;

  constructor(name: string, help: string, registry: Registry, counts: () => WitnessCounts) {
    super({ name, help, registers: [registry], percentiles: [] });
    this.#counts = counts;
  }

  override async get() {
    const metric = await super.get();
    const { commits, commitSeconds } = this.#counts();
    const named = (ending: string, value: number) => ({
      metricName: `${metric.name}_${ending}`,
      value,
      labels: {},
    });
    return { ...metric, values: [named("sum", commitSeconds), named("count", commits)] };
  }
}
