import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type BrokerAddress, nameOf } from "../node/mqtt/broker-address.js";
import { readConfig } from "../node/witness/config.js";
import { addPeers, type InitBroker, initWitness } from "../node/witness/init.js";
import { peerLine } from "../node/witness/peer-config.js";
import { visible } from "../text/visible.js";

export interface SimWitnessOptions {
  readonly count: number;
  readonly network: string;
  /** The folder of enrolments; beside it the witnesses get a folder each. */
  readonly registry: string;
  readonly brokers: readonly BrokerAddress[];
  /** As a witness's configuration has it. */
  readonly epoch: string;
  readonly say: (line: string) => void;
}

/** What a witness had at the end of the run. */
export interface KeptByWitness {
  readonly name: string;
  readonly frames: number;
  /** Of its log. */
  readonly entries: number;
}

export interface SimWitnesses {
  /** All brokers deliver to all of them, or that takes too long. Never rejects. */
  readonly ready: Promise<void>;
  /** Asks what they have, and ends them. Called again it does nothing. */
  close(): Promise<KeptByWitness[]>;
}

/** Milliseconds that a witness gets to answer at the end; and to reach all brokers at the start. */
const ANSWER = 5000;
const START = 20_000;

/**
 * Witnesses of a simulated fleet, each a process of its own, as an operator would run them, and all
 * of them each other's peers.
 */
export async function startWitnesses(options: SimWitnessOptions): Promise<SimWitnesses> {
  const ports = await freePorts(options.count);
  const made = ports.map((port, index) => ({ ...init(options, index + 1, port), port }));
  const lines = made.map(({ config, port }) => peerLine(readConfig(config), `http://127.0.0.1:${port}`));
  for (const [index, { config }] of made.entries())
    addPeers(
      config,
      lines.filter((_, other) => other !== index),
    );
  const running = made.map(({ name, config }) => start(options, name, config));
  return {
    ready: Promise.race([
      Promise.all(running.map(({ ready }) => ready)),
      sleep(START, undefined, { ref: false }),
    ]).then(() => {}),
    async close() {
      const ended = running.splice(0);
      const kept = await Promise.all(ended.map(({ name, address }) => ask(name, address())));
      await Promise.all(ended.map(({ child }) => end(child)));
      return kept;
    },
  };
}

/** Lines for the summary. */
export function keptText(kept: readonly KeptByWitness[] | undefined): string {
  const lines = (kept ?? []).map(
    ({ name, frames, entries }) =>
      `witness   ${name}: ${frames} frames kept, ${entries} entries in its log\n`,
  );
  return lines.join("");
}

/**
 * Ports of this machine that nobody listens to. They are let go, and hopefully free for another
 * moment: a witness must know its peers' before they start.
 */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function init({ network, registry, brokers, epoch }: SimWitnessOptions, number: number, port: number) {
  const name = `witness-${number}`;
  const folder = join(dirname(registry), name);
  const config = initWitness({
    folder,
    network,
    name: `${name}.example`,
    brokers: brokers.map((broker, index) => brokerOf(broker, dirname(registry), index)),
    registry,
    epoch,
    port,
  });
  return { name, config };
}

function start({ brokers, say }: SimWitnessOptions, name: string, config: string) {
  let address: string | undefined;
  let subscribed = 0;
  let reached = () => {};
  const ready = new Promise<void>((done) => {
    reached = done;
  });
  // Ctrl-C at a terminal is for the fleet, which ends its witnesses when all is in.
  const child = fork(process.argv[1] as string, ["witness", "--config", config, "--json"], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on("line", (line) => {
    const { text, http } = JSON.parse(line) as { readonly text: string; readonly http?: string };
    if (text.endsWith(": subscribed") && ++subscribed === brokers.length) reached();
    if (http === undefined && !text.startsWith("epoch")) return;
    if (http !== undefined) address = http;
    say(http === undefined ? `${name}: ${visible(text)}` : `${name} shows what it has at ${http}/v1/state`);
  });
  const errors = createInterface({ input: child.stderr as NodeJS.ReadableStream });
  errors.on("line", (line) => say(`${name}: ${visible(line)}`));
  child.once("exit", reached);
  return { name, child, ready, address: () => address };
}

function brokerOf(broker: BrokerAddress, folder: string, index: number): InitBroker {
  const { user, password } = broker;
  const passwordFile = password === undefined ? undefined : join(folder, `broker-${index}.txt`);
  if (passwordFile !== undefined) writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: "w" });
  return { url: nameOf(broker), user, passwordFile };
}

async function ask(name: string, address: string | undefined): Promise<KeptByWitness> {
  try {
    const answer = await fetch(`${address}/v1/state`, { signal: AbortSignal.timeout(ANSWER) });
    const { frames, entries } = (await answer.json()) as KeptByWitness;
    return { name, frames, entries };
  } catch {
    return { name, frames: 0, entries: 0 };
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 2 * ANSWER);
  await ended;
  clearTimeout(timer);
}
