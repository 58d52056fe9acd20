import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { frameFilter } from "../agent/frame/topic.js";
import type { Subscribe } from "../network/ports/subscription.js";
import type { Registry } from "../network/verify/registry.js";
import { parseBrokerUrl } from "../node/mqtt/broker-address.js";
import { mqttSource } from "../node/network/subscriber.js";
import { startMosquitto } from "../test/support/mosquitto.js";
import { syncTime } from "./disk.js";
import { against, compare, type Figure, median, type Section } from "./harness.js";
import { Publisher, TICK } from "./publisher.js";
import { BenchWitness, type Message } from "./taken-in.js";
import { signedBefore } from "./witness.js";

const NETWORK = "demo";
/** Processes that publish; each has its part of the devices. */
const PUBLISHERS = 2;
const ROUNDS = 5;
/** Messages of a turn, of each publisher, where the time on the way is measured: 400 a second in all. */
const EACH = 2;
const PACED = 1600;

/** Hears frames of a real broker; `told` for each, with its device. */
type Listen = (url: string, registry: Registry, told: (kid: string) => void) => Promise<() => Promise<void>>;

/** A witness behind a real broker, beside a subscriber that only counts. Frames were signed before. */
export function witnessBrokerSection(): Section {
  return { name: "witness-broker", run };
}

async function run(): Promise<Figure[]> {
  const { registry, messages } = signedBefore();
  const broker = await startMosquitto({ config: { max_inflight_messages: 0, log_type: "information" } });
  try {
    const paced = messages.slice(0, PACED);
    const cpu = { bare: [] as number[], witness: [] as number[] };
    const flood = (name: keyof typeof cpu, listen: Listen) => async () => {
      const start = process.cpuUsage();
      const { rate } = await published(broker, listen, registry, messages, 0);
      const { user, system } = process.cpuUsage(start);
      cpu[name].push((user + system) / messages.length);
      return rate;
    };
    const wait = (listen: Listen) => async () => (await published(broker, listen, registry, paced, EACH)).p99;
    const rates = await compare(
      { bare: flood("bare", bare), witness: flood("witness", judging) },
      { rounds: ROUNDS },
    );
    const times = await compare(
      {
        bare: wait(bare),
        judged: wait(judging),
        durable: wait(keeping),
        sync: () => syncTime(tmpdir(), 0.99),
      },
      { rounds: ROUNDS },
    );
    const rate = { name: "mosquitto to a witness: judged", value: rates.witness, unit: "frames/s" };
    const pace = `at ${(1000 / TICK) * EACH * PUBLISHERS} a second`;
    const work = { name: "time of the processor for a frame", value: median(cpu.witness), unit: "us" };
    return [
      against(
        rate,
        { name: "mosquitto to a subscriber that counts", value: rates.bare, unit: "frames/s" },
        1,
      ),
      against(work, { name: "counted", value: median(cpu.bare), unit: "us" }),
      {
        ...against(
          { name: `99 % are judged within, ${pace}`, value: times.judged, unit: "ms" },
          { name: "counted within", value: times.bare, unit: "ms" },
        ),
        goal: { text: "at most 1.1", met: times.judged <= 1.1 * times.bare },
      },
      against(
        { name: `99 % are durable within, ${pace}`, value: times.durable, unit: "ms" },
        { name: "a page alone is synced within", value: times.sync, unit: "ms" },
      ),
    ];
  } finally {
    await broker.stop();
  }
}

/** Messages a second from the first that is sent to the last that is heard, and how long 99 % were on the way. */
async function published(
  { url, port }: { readonly url: string; readonly port: number },
  listen: Listen,
  registry: Registry,
  messages: readonly Message[],
  each: number,
): Promise<{ readonly rate: number; readonly p99: number }> {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-bench-"));
  const kids = [...registry.kids()];
  const partOf = new Map(kids.map((kid, at) => [kid, at % PUBLISHERS]));
  const heard: number[][] = Array.from({ length: PUBLISHERS }, () => []);
  let left = messages.length;
  let done = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const end = await listen(url, registry, (kid) => {
    heard[partOf.get(kid) as number]?.push(performance.timeOrigin + performance.now());
    if (--left === 0) done();
  });
  try {
    const publishers = heard.map((_, part) => {
      const own = messages.filter(({ topic }) => partOf.get(kidOf(topic)) === part);
      return new Publisher(join(folder, String(part)), port, `bench-${part}`, each, own);
    });
    for (const publisher of publishers) await publisher.ready();
    const start = performance.now();
    for (const publisher of publishers) publisher.go();
    await all;
    const rate = (messages.length * 1000) / (performance.now() - start);
    const waits: number[] = [];
    for (const [part, publisher] of publishers.entries()) {
      const sent = await publisher.times();
      for (const [index, at] of (heard[part] as number[]).entries())
        waits.push(at - (sent[each === 0 ? 0 : Math.floor(index / each)] as number));
    }
    waits.sort((a, b) => a - b);
    return { rate, p99: waits[Math.floor(0.99 * waits.length)] as number };
  } finally {
    await end();
    rmSync(folder, { recursive: true });
  }
}

const kidOf = (topic: string) => topic.split("/")[3] as string;

const bare: Listen = async (url, _registry, told) => {
  const client = await connectAsync(url, { protocolVersion: 4 });
  client.on("message", (topic) => told(kidOf(topic)));
  await client.subscribeAsync(frameFilter(NETWORK), { qos: 1 });
  return () => client.endAsync(true);
};

/** Tells of frames when they are judged: what a live view shows. */
const judging: Listen = (url, registry, told) => witness(url, registry, told, (source) => source);

/** Tells of frames when they are durable: PUBACK goes out then. */
const keeping: Listen = (url, registry, told) => {
  const watched =
    (source: Subscribe): Subscribe =>
    (handler) =>
      source({
        ...handler,
        frame(bytes, topic) {
          const kept = handler.frame(bytes, topic);
          if (kept === undefined) told(kidOf(topic));
          else void kept.then(() => told(kidOf(topic)));
          return kept;
        },
      });
  return witness(url, registry, () => {}, watched);
};

async function witness(
  url: string,
  registry: Registry,
  judged: (kid: string) => void,
  watched: (source: Subscribe) => Subscribe,
): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-bench-"));
  const source = mqttSource({
    address: parseBrokerUrl(url),
    network: NETWORK,
    clientId: `bench-${process.pid}`,
    keepSession: false,
  });
  const taking = new BenchWitness(folder, registry, watched(source), judged);
  await taking.subscribed;
  return async () => {
    await taking.close();
    rmSync(folder, { recursive: true });
  };
}
