import { statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentEvent } from "../../agent/agent-ports.js";
import { type AgentConfig, longestFrame } from "../../agent/config.js";
import { kidOfKey } from "../../agent/cose/kid.js";
import { didOfKey } from "../../agent/frame/identity.js";
import { InputError } from "../../agent/input-error.js";
import type { Clock, Timer } from "../../agent/ports/clock.js";
import { sensorConfiguration } from "../../agent/settings/sensor-configuration.js";
import { MemoryRegistry } from "../../network/verify/memory-registry.js";
import type { EnrolledSensor, RegistryFile } from "../../network/verify/registry.js";
import type { Verifier } from "../../network/verify/verifier.js";
import { overwriteFile } from "../../node/files.js";
import { acquireLock } from "../../node/lock.js";
import type { BrokerAddress } from "../../node/mqtt/broker-address.js";
import { openVerifier } from "../../node/network/verifier.js";
import { createSystemClock } from "../../node/ports/clock.js";
import { hasher } from "../../node/ports/signer.js";
import type { Engine } from "../engines/engine.js";
import { SHIPPED } from "../engines/shipped.js";
import type { BoardHandle } from "../engines/v8-board.js";
import { connectBrokers, type FleetBrokers, memoryBrokers, startBrokers } from "./brokers.js";
import { drain } from "./drain.js";
import { writeEnrolments } from "./enrolments.js";
import { type BoardFlashes, boardFlashes } from "./flashes.js";
import { type BoardCounts, FleetBoard, observeBoard } from "./fleet-board.js";
import { createIdentities, type Identity, lockIdentities, runNetwork } from "./identities.js";
import { type LinkTrouble, LinkTroubles } from "./link-troubles.js";
import { findHostSensors } from "./sensors/host.js";
import { readRecording, replaySensors } from "./sensors/replay.js";
import type { SensorSetup } from "./sensors/setup.js";
import { type Counts, Statistics } from "./statistics.js";

export interface FleetOptions {
  readonly devices: number;
  /** Brokers to start, where `addresses` is empty. */
  readonly brokers: number;
  /** Whether those are real ones, embedded in this process, or in memory. */
  readonly links: "mqtt" | "memory";
  readonly addresses: readonly BrokerAddress[];
  readonly sensors: "host" | "replay";
  /** The recording that `replay` plays. */
  readonly recording: string;
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
  /** Readings in a frame, at most, and milliseconds that the oldest of them waits, at most. */
  readonly readings: number;
  readonly age: number;
  /** Brokers that each frame goes to. */
  readonly copies: number;
  readonly network?: string | undefined;
  readonly seed?: string | undefined;
  readonly isSeedDrawn?: boolean | undefined;
  readonly state?: string | undefined;
  /** Where authentic frames go; the registry goes beside them. Written again. */
  readonly out?: string | undefined;
  /** A folder into which statements go that enrol the boards, for others that verify. Written again. */
  readonly enrolments?: string | undefined;
}

export type FleetEvent =
  | { readonly type: "started"; readonly network: string; readonly brokers: readonly string[] }
  | { readonly type: "board"; readonly board: string; readonly event: AgentEvent }
  | { readonly type: "ended"; readonly board: string; readonly reason: string }
  | {
      readonly type: "broker";
      readonly broker: string;
      readonly state: "subscribed" | "lost";
      readonly reason: string;
    }
  | { readonly type: "failed"; readonly error: Error };

export interface FleetStatus extends Counts {
  readonly devices: number;
  readonly brokers: number;
  /** Brokers that deliver to the verifier now. */
  readonly subscribed: number;
  /** Sessions of boards with brokers that are open now. */
  readonly links: number;
  /** Sessions that the boards want: one with each of `copies` brokers. */
  readonly wanted: number;
  /** Boards that stopped by themselves, by the first word of the reason: `slots`, `exception` … */
  readonly ended: Readonly<Record<string, number>>;
  /** Why sessions of boards with brokers ended or did not come about. */
  readonly troubles: readonly LinkTrouble[];
  /** Milliseconds that it took until all boards were there, brokers and verifier included. */
  readonly started_ms: number;
}

export interface Fleet {
  status(): FleetStatus;
  /**
   * Samples no more and waits until every signed frame is verified and acknowledged, or none has
   * arrived for `limit` milliseconds.
   */
  drain(limit: number): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds that the verifier gets to reach all brokers before the boards start. */
const SUBSCRIBE_LIMIT = 5000;
/** Milliseconds for which boards share what was read of this machine: its files change once a second at most. */
const FRESH = 20;
/** Boards that are made before the engine is waited for. */
const BATCH = 500;
/** As boards that ship have it, but in more of a hurry: brokers are near, and a run is short. */
const UPLINK = {
  timeout: 3000,
  backoff: { min: 250, max: 5000 },
  absent: SHIPPED.absent,
  order: SHIPPED.order,
} as const;

/** The registry file that belongs to a file of frames: `f.cborseq` has `f.registry.json`. */
export function registryPath(frames: string): string {
  return `${frames.replace(/\.cborseq$/, "")}.registry.json`;
}

/**
 * Boards, brokers and a verifier on this machine: the composition root of `fieldmark sim`. The engine stays the caller's.
 * Throws where no broker can be reached; what it opened until then is closed again. Boards start when what `emit` makes
 * of "started" is done.
 */
export async function startFleet(
  options: FleetOptions,
  engine: Engine,
  emit: (event: FleetEvent) => void | Promise<void>,
): Promise<Fleet> {
  const began = performance.now();
  const network = options.network ?? runNetwork(options.seed);
  const clock = createSystemClock();
  const boards: BoardHandle[] = [];
  const statistics = new Statistics();
  const counts: BoardCounts = { links: 0, ended: {}, troubles: new LinkTroubles() };
  let opened: FleetBrokers | undefined;
  let verifier: Verifier | undefined;
  let flashes: BoardFlashes | undefined;
  let startNoMore = () => {};
  let unlock = () => {};
  let lastLoss = "none answers";

  async function close(): Promise<void> {
    startNoMore();
    for (const board of boards) board.stop();
    await verifier?.close(true);
    await opened?.close();
    flashes?.close();
    unlock();
  }

  try {
    const sensorsOf = sensorSetups(options);
    const described = describeSensors(sensorsOf(0));
    const configurations = [configurationOf(sensorsOf(0))];
    unlock = lockIdentities({ ...options, network });
    const identities = createIdentities(options.devices, options);
    const registry = registryOf(network, identities, described, configurations);
    if (options.out !== undefined) beginOutput(options.out, registry);
    if (options.enrolments !== undefined)
      writeEnrolments({
        folder: options.enrolments,
        network,
        identities,
        sensors: described,
        configurations,
      });
    opened = await openBrokers(options, network, clock);
    const kids = identities.map(({ publicKey }) => Buffer.from(kidOfKey(publicKey, hasher)).toString("hex"));
    verifier = openVerifier({
      registry: enrol(network, identities, kids, described, configurations),
      sources: opened.sources,
      out: options.out,
      judged: (judgement) => statistics.judged(judgement),
      repeated: (verdict) => statistics.repeated(verdict),
      state(broker, state, reason) {
        if (state === "lost") lastLoss = `${broker}: ${reason}`;
        emit({ type: "broker", broker, state, reason });
      },
      failed: (error) => emit({ type: "failed", error }),
    });
    const brokers = opened.names.length;
    if (!(await isReached(verifier, brokers)))
      throw new Error(
        `no broker can be reached (${lastLoss}): start one (mosquitto -p 1883), or leave out --broker`,
      );
    await emit({ type: "started", network, brokers: opened.names });

    flashes = boardFlashes(options.state, engine);
    const flashOf = flashes.of;
    const config = boardConfig(options, network, sensorsOf(0), engine);
    let made = engine.settle();
    for (const [index, identity] of identities.entries()) {
      const { name } = identity;
      const kid = kids[index] as string;
      const ports = {
        clock,
        links: opened.links(name, kid),
        sensors: sensorsOf(index),
        ...flashOf(name),
      };
      const observer = observeBoard(kid, name, statistics, counts, emit);
      boards.push(engine.createBoard(new FleetBoard(identity, ports, observer), config));
      if (boards.length % BATCH > 0) continue;
      await made; // the batch before: the engine makes one while this makes the next
      made = engine.settle();
    }
    await engine.settle();
    const started_ms = Math.round(performance.now() - began);
    startNoMore = startSpread(boards, options.interval, clock);
    return {
      status: () => ({
        devices: options.devices,
        brokers,
        subscribed: verifier?.subscribed ?? 0,
        wanted: options.devices * Math.min(options.copies, brokers),
        ...counts,
        troubles: counts.troubles.all,
        started_ms,
        ...statistics.counts(),
      }),
      async drain(limit) {
        startNoMore();
        for (const board of boards) board.finish();
        await engine.settle();
        const { isSettled, arrived } = statistics;
        await drain({ isSettled, arrived, now: () => performance.now(), sleep }, limit);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openBrokers(
  options: FleetOptions,
  network: string,
  clock: Clock,
): FleetBrokers | Promise<FleetBrokers> {
  if (options.addresses.length > 0) return connectBrokers(options.addresses, network);
  return options.links === "memory"
    ? memoryBrokers(options.brokers, clock)
    : startBrokers(options.brokers, network);
}

/** Empties the file of frames, or makes it, and writes the registry. Throws InputError for what is no plain file. */
function beginOutput(out: string, registry: RegistryFile): void {
  for (const path of [out, registryPath(out)])
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
      throw new InputError(`${path} is there already, and is no regular file: name another with --out`);
  const release = acquireLock(out); // before the file loses what a running verifier has kept in it
  try {
    overwriteFile(out, "");
    overwriteFile(registryPath(out), `${JSON.stringify(registry, null, 2)}\n`);
  } finally {
    release();
  }
}

/** Waits until all brokers deliver, or some of them for long enough. False where none does. */
async function isReached(verifier: Verifier, brokers: number): Promise<boolean> {
  const end = performance.now() + SUBSCRIBE_LIMIT;
  while (verifier.subscribed < brokers && performance.now() < end) await sleep(20);
  return verifier.subscribed > 0;
}

/** Boards that start together would sign together for ever. Returns what keeps the rest from starting. */
function startSpread(boards: readonly BoardHandle[], interval: number, clock: Clock): () => void {
  const began = clock.uptime();
  let next = 0;
  const startDue = () => {
    const due = ((clock.uptime() - began) / interval) * boards.length;
    while (next < boards.length && next <= due) boards[next++]?.start();
    if (next < boards.length) wait();
  };
  const wait = () => {
    const at = began + (interval * next) / boards.length;
    timer = clock.setTimer(startDue, Math.max(0, at - clock.uptime()));
  };
  let timer: Timer;
  wait();
  return () => clock.clearTimer(timer);
}

/** The sensors of a board by its number, of the same kinds for all. */
function sensorSetups({
  sensors,
  recording,
  interval,
}: FleetOptions): (board: number) => readonly SensorSetup[] {
  if (sensors === "host") return findHostSensors({ interval, fresh: Math.min(FRESH, interval / 2) });
  const recorded = readRecording(recording);
  return (board) => replaySensors(recorded, { offset: board * 97, interval });
}

/** All boards have the same configuration. */
function boardConfig(
  { readings, age, copies }: FleetOptions,
  network: string,
  sensors: readonly SensorSetup[],
  { window }: Engine,
): AgentConfig {
  const frameBytes = longestFrame(network, readings, sensors);
  const uplink = { ...UPLINK, copies, acknowledgements: copies, window };
  return { network, readings, age, frameBytes, configuration: configurationOf(sensors), uplink };
}

const configurationOf = (sensors: readonly SensorSetup[]) =>
  sensorConfiguration(
    sensors.map(({ id, channels }) => ({ kind: id, options: {}, channels })),
    hasher,
  );

function describeSensors(setups: readonly SensorSetup[]): EnrolledSensor[] {
  return setups.flatMap(({ channels, interval }) =>
    channels.map(({ name, unit, min, max }) => ({ name, unit, min, max, cadence: interval / 1000 })),
  );
}

function enrol(
  network: string,
  identities: readonly Identity[],
  kids: readonly string[],
  sensors: EnrolledSensor[],
  configurations: string[],
): MemoryRegistry {
  const enrolment = new MemoryRegistry(network, identities.length);
  for (const [index, { name, point }] of identities.entries())
    enrolment.add(kids[index] as string, point, name, sensors, { configurations });
  return enrolment;
}

function registryOf(
  network: string,
  identities: readonly Identity[],
  sensors: EnrolledSensor[],
  configurations: string[],
): RegistryFile {
  const devices = identities.map(({ name, publicKey }) => ({
    did: didOfKey(publicKey),
    site: name,
    sensors,
    configurations,
  }));
  return { network, devices };
}
