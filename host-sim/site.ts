import { closeSync, openSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentEvent } from "../agent/agent.js";
import { longestFrame } from "../agent/config.js";
import { didOfKey } from "../agent/frame/identity.js";
import { hex, kidOfKey } from "../agent/frame/kid.js";
import type { Clock } from "../agent/ports/clock.js";
import { acquireLock } from "../network/lock.js";
import { createRegistry, type EnrolledDevice, type RegistryFile } from "../network/witness/registry.js";
import { createVerifier, type Verifier } from "../network/witness/verifier.js";
import type { BoardHandle } from "./board.js";
import { type Carriers, connectCarriers, memoryCarriers, startCarriers } from "./carriers.js";
import type { Engine } from "./engine.js";
import { createIdentities, type Identity, lockIdentities, runNetwork } from "./identities.js";
import { createSystemClock } from "./ports/clock.js";
import { hasher, signatureChecker } from "./ports/signer.js";
import { createHostSensors } from "./sensors/host.js";
import { readRecording, replaySensors } from "./sensors/replay.js";
import type { SensorSetup } from "./sensors/setup.js";
import { type Counts, Statistics } from "./statistics.js";

export interface SiteOptions {
  readonly devices: number;
  /** Brokers to start, where `urls` is empty. */
  readonly brokers: number;
  /** Whether those are real ones, embedded in this process, or in memory. */
  readonly links: "mqtt" | "memory";
  readonly urls: readonly string[];
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
  readonly state?: string | undefined;
  /** Where authentic frames go; the registry goes beside them. Written anew. */
  readonly out?: string | undefined;
}

export type SiteEvent =
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

export interface SiteStatus extends Counts {
  readonly devices: number;
  readonly brokers: number;
  /** Brokers that deliver to the verifier now. */
  readonly subscribed: number;
  /** Sessions of boards with brokers that are open now. */
  readonly links: number;
  /** Boards that stopped by themselves. */
  readonly ended: number;
}

export interface Site {
  status(): SiteStatus;
  /** Samples no more and waits until every signed frame is verified and acknowledged, at most `limit` milliseconds. */
  drain(limit: number): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds that the verifier gets to reach all brokers before the boards start. */
const SUBSCRIBE_LIMIT = 5000;
const UPLINK = { timeout: 3000, backoff: { min: 250, max: 5000 } };

/** The registry file that belongs to a file of frames: `f.cborseq` has `f.registry.json`. */
export function registryPath(frames: string): string {
  return `${frames.replace(/\.cborseq$/, "")}.registry.json`;
}

/**
 * Boards, brokers and a verifier on this machine: the composition root of `fieldmark sim`. The engine stays the caller's.
 * Throws where no broker can be reached; what it opened until then is closed again.
 */
export async function startSite(
  options: SiteOptions,
  engine: Engine,
  emit: (event: SiteEvent) => void,
): Promise<Site> {
  const network = options.network ?? runNetwork(options.seed);
  const clock = createSystemClock();
  const boards: BoardHandle[] = [];
  const statistics = new Statistics();
  let carriers: Carriers | undefined;
  let verifier: Verifier | undefined;
  let links = 0;
  let ended = 0;
  let startNoMore = () => {};
  let unlock = () => {};
  let lastLoss = "none answers";

  async function close(): Promise<void> {
    startNoMore();
    for (const board of boards) board.stop();
    await verifier?.close(true);
    await carriers?.close();
    unlock();
  }

  try {
    const setups = sensorSetups(options);
    unlock = lockIdentities(options);
    const identities = createIdentities(options.devices, options);
    const registry = enrol(network, identities, setups);
    if (options.out !== undefined) beginOutput(options.out, registry);
    carriers = await openCarriers(options, network, clock);
    verifier = createVerifier({
      registry: createRegistry(registry, hasher, "registry"),
      signatures: signatureChecker,
      sources: carriers.sources,
      out: options.out,
      judged: (judgement) => statistics.judged(judgement),
      state(broker, state, reason) {
        if (state === "lost") lastLoss = `${broker}: ${reason}`;
        emit({ type: "broker", broker, state, reason });
      },
      failed: (error) => emit({ type: "failed", error }),
    });
    const brokers = carriers.names.length;
    if (!(await isReached(verifier, brokers)))
      throw new Error(
        `no broker can be reached (${lastLoss}): start one (mosquitto -p 1883), or leave out --broker`,
      );
    emit({ type: "started", network, brokers: carriers.names });

    for (const [index, { name, privateKey, publicKey, store }] of identities.entries()) {
      const device = hex(kidOfKey(publicKey, hasher));
      const init = {
        privateKey,
        store,
        clock,
        links: carriers.links(name),
        sensors: setups(index),
        observe(event: AgentEvent) {
          statistics.board(device, event);
          if (event.type === "link-opened") links++;
          if (event.type === "link-closed" && event.wasOpen) links--;
          emit({ type: "board", board: name, event });
        },
        ended(reason: string) {
          ended++;
          emit({ type: "ended", board: name, reason });
        },
      };
      boards.push(
        engine.createBoard(init, {
          network,
          readings: options.readings,
          age: options.age,
          frameBytes: longestFrame(network, options.readings, init.sensors),
          outboxFrames: engine.outboxFrames,
          uplink: { ...UPLINK, copies: options.copies, window: engine.outboxFrames },
        }),
      );
    }
    startNoMore = startSpread(boards, options.interval, clock);
    return {
      status: () => ({
        devices: options.devices,
        brokers,
        subscribed: verifier?.subscribed ?? 0,
        links,
        ended,
        ...statistics.counts(),
      }),
      async drain(limit) {
        startNoMore();
        for (const board of boards) board.finish();
        await engine.settle();
        for (const end = performance.now() + limit; performance.now() < end; await sleep(20))
          if (statistics.settled) return;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openCarriers(options: SiteOptions, network: string, clock: Clock): Carriers | Promise<Carriers> {
  if (options.urls.length > 0) return connectCarriers(options.urls, network);
  return options.links === "memory"
    ? memoryCarriers(options.brokers, clock)
    : startCarriers(options.brokers, network);
}

/** Empties the file of frames, or makes it, and writes the registry. Throws RangeError for what is no plain file. */
function beginOutput(out: string, registry: RegistryFile): void {
  for (const path of [out, registryPath(out)])
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === false)
      throw new RangeError(`${path} is there already, and is no regular file: name another with --out`);
  const release = acquireLock(out); // before the file loses what a running verifier has kept in it
  try {
    closeSync(openSync(out, "w"));
    writeFileSync(registryPath(out), `${JSON.stringify(registry, null, 2)}\n`);
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
  const timers = boards.map((board, index) =>
    clock.setTimer(() => board.start(), (interval * index) / boards.length),
  );
  return () => {
    for (const timer of timers) clock.clearTimer(timer);
  };
}

/** The sensors of a board by its number: each has its own, of the same kinds. */
function sensorSetups(options: SiteOptions): (board: number) => SensorSetup[] {
  const recording = options.sensors === "replay" ? readRecording(options.recording) : undefined;
  return (board) => {
    const setups =
      recording === undefined ? createHostSensors() : replaySensors(recording, { offset: board * 97 });
    return setups.map((setup) => ({ ...setup, interval: options.interval }));
  };
}

function enrol(
  network: string,
  identities: readonly Identity[],
  setups: (board: number) => SensorSetup[],
): RegistryFile {
  const devices = identities.map(({ name, publicKey }, index): EnrolledDevice => {
    const own = setups(index);
    const sensors = own.flatMap(({ channels, interval }) =>
      channels.map(({ name, unit, min, max }) => ({ name, unit, min, max, cadence: interval / 1000 })),
    );
    for (const { sensor } of own) sensor.close();
    return { did: didOfKey(publicKey), site: name, sensors };
  });
  return { network, devices };
}
