import { rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Agent, AgentEvent } from "../agent/agent.js";
import { didOfKey } from "../agent/frame/identity.js";
import type { Clock } from "../agent/ports/clock.js";
import { createRegistry, type EnrolledDevice, type RegistryFile } from "../network/witness/registry.js";
import { createVerifier, type Verifier } from "../network/witness/verifier.js";
import { createBoard } from "./board.js";
import { type EmbeddedBroker, startEmbeddedBroker } from "./broker.js";
import { createIdentities, type Identity, runNetwork } from "./identities.js";
import { createSystemClock } from "./ports/clock.js";
import { createMqttLink } from "./ports/link.js";
import { createSigner, hasher, signatureChecker } from "./ports/signer.js";
import { createHostSensors } from "./sensors/host.js";
import { readRecording, replaySensors } from "./sensors/replay.js";
import type { SensorSetup } from "./sensors/setup.js";
import { type Counts, Statistics } from "./statistics.js";

export interface SiteOptions {
  readonly devices: number;
  /** Embedded brokers to start, where `urls` is empty. */
  readonly brokers: number;
  readonly urls: readonly string[];
  readonly sensors: "host" | "replay";
  /** The recording that `replay` plays. */
  readonly recording: string;
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
  /** Readings in a frame, at most. */
  readonly readings: number;
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
}

export interface Site {
  status(): SiteStatus;
  /** Samples no more and waits until every signed frame is verified, at most `limit` milliseconds. */
  drain(limit: number): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds that the verifier gets to reach all brokers before the boards start. */
const SUBSCRIBE_LIMIT = 5000;
/** The longest frame of a board, in bytes. */
const FRAME_BYTES = 2048;
/** Frames on their way at the same time, of one board. */
const WINDOW = 32;
const UPLINK = { window: WINDOW, timeout: 3000, backoff: { min: 250, max: 5000 } };

/** The registry file that belongs to a file of frames: `f.cborseq` has `f.registry.json`. */
export function registryPath(frames: string): string {
  return `${frames.replace(/\.cborseq$/, "")}.registry.json`;
}

/**
 * Boards, brokers and a verifier on this machine: the composition root of `fieldmark sim`. Throws where no broker
 * can be reached; what it opened until then is closed again.
 */
export async function startSite(options: SiteOptions, emit: (event: SiteEvent) => void): Promise<Site> {
  const network = options.network ?? runNetwork(options.seed);
  const embedded: EmbeddedBroker[] = [];
  const boards: Agent[] = [];
  let verifier: Verifier | undefined;
  let links = 0;
  let startNoMore = () => {};

  async function close(): Promise<void> {
    startNoMore();
    for (const board of boards) board.stop();
    await verifier?.close(true);
    await Promise.all(embedded.map((broker) => broker.close()));
  }

  try {
    if (options.urls.length === 0)
      for (let i = 0; i < options.brokers; i++) embedded.push(await startEmbeddedBroker());
    const urls = options.urls.length === 0 ? embedded.map(({ url }) => url) : options.urls;
    const setups = sensorSetups(options);
    const identities = createIdentities(options.devices, options);
    const registry = enrol(network, identities, setups);
    if (options.out !== undefined) {
      rmSync(options.out, { force: true });
      writeFileSync(registryPath(options.out), `${JSON.stringify(registry, null, 2)}\n`);
    }
    const statistics = new Statistics();
    verifier = createVerifier({
      registry: createRegistry(registry, hasher, "registry"),
      signatures: signatureChecker,
      brokers: urls,
      clientId: `fieldmark-sim-${network}-${process.pid}`,
      keepSession: true,
      out: options.out,
      judged: (judgement) => statistics.judged(judgement),
      state: (broker, state, reason) => emit({ type: "broker", broker, state, reason }),
      failed: (error) => emit({ type: "failed", error }),
    });
    await subscribed(verifier, urls);
    emit({ type: "started", network, brokers: urls });

    const clock = createSystemClock();
    for (const [index, { name, privateKey, store }] of identities.entries()) {
      const clientId = `fieldmark-${network}-${name}-${process.pid}`;
      const board: Agent = createBoard(
        {
          privateKey,
          store,
          clock,
          links: urls.map((url) => createMqttLink(url, clientId, embedded.length > 0 ? 4 : 5)),
          sensors: setups(index),
          observe(event) {
            statistics.board(board.device, event);
            if (event.type === "link-opened") links++;
            if (event.type === "link-closed" && event.wasOpen) links--;
            emit({ type: "board", board: name, event });
          },
        },
        {
          network,
          readings: options.readings,
          age: 2 * options.interval,
          frameBytes: FRAME_BYTES,
          uplink: { ...UPLINK, copies: options.copies },
        },
      );
      boards.push(board);
    }
    startNoMore = startSpread(boards, options.interval, clock);
    return {
      status: () => ({
        devices: options.devices,
        brokers: urls.length,
        subscribed: verifier?.subscribed ?? 0,
        links,
        ...statistics.counts(),
      }),
      async drain(limit) {
        startNoMore();
        for (const board of boards) board.finish();
        for (const end = performance.now() + limit; performance.now() < end; await sleep(20))
          if (statistics.lost === 0) return;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function subscribed(verifier: Verifier, urls: readonly string[]): Promise<void> {
  const end = performance.now() + SUBSCRIBE_LIMIT;
  while (verifier.subscribed < urls.length && performance.now() < end) await sleep(20);
  if (verifier.subscribed === 0)
    throw new Error("no broker can be reached: start one (mosquitto -p 1883), or leave out --broker");
}

/** Boards that start together would sign together for ever. Returns what keeps the rest from starting. */
function startSpread(boards: readonly Agent[], interval: number, clock: Clock): () => void {
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
  const devices = identities.map(({ name, privateKey }, index): EnrolledDevice => {
    const own = setups(index);
    const sensors = own.flatMap(({ channels, interval }) =>
      channels.map(({ name, unit, min, max }) => ({ name, unit, min, max, cadence: interval / 1000 })),
    );
    for (const { sensor } of own) sensor.close();
    return { did: didOfKey(createSigner(privateKey).publicKey), site: name, sensors };
  });
  return { network, devices };
}
