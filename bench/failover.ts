import { setTimeout as sleep } from "node:timers/promises";
import { connect, type MqttClient } from "mqtt";
import type { AgentEvent } from "../agent/agent-ports.js";
import { kidOfKey } from "../agent/cose/kid.js";
import { didOfKey } from "../agent/frame/identity.js";
import { frameTopic } from "../agent/frame/topic.js";
import { type BoardHandle, createBoard } from "../host-sim/engines/v8-board.js";
import { createRegistry } from "../network/verify/registry.js";
import { parseBrokerUrl } from "../node/mqtt/broker-address.js";
import { mqttSource } from "../node/network/subscriber.js";
import { openVerifier } from "../node/network/verifier.js";
import { createSystemClock } from "../node/ports/clock.js";
import { createMemoryFlash } from "../node/ports/flash.js";
import { createMemoryKeyValue } from "../node/ports/key-value.js";
import { createMqttLink } from "../node/ports/link.js";
import { createSigner, hasher, keyReader, newPrivateKey } from "../node/ports/signer.js";
import { type Mosquitto, startMosquitto } from "../test/support/mosquitto.js";
import type { Figure, Section } from "./harness.js";

const NETWORK = "demo";
const BOARDS = 20;
/** Milliseconds from one frame of a board to its next. */
const INTERVAL = 50;
/** Milliseconds of load before something happens, and milliseconds that MQTT.js is waited for. */
const LOAD = 2000;
const LIMIT = 12_000;

/** How long publishers get nothing acknowledged after a broker was killed, or frozen. */
export function failoverSection(): Section {
  return { name: "failover", run };
}

/** Publishers that run until they are stopped. `gap`: when each of them last had an acknowledgement, by its number. */
interface Publishers {
  readonly acknowledgedAt: Float64Array;
  stop(): Promise<void>;
}

async function run(): Promise<Figure[]> {
  const ours = await measure(startBoards);
  const theirs = await measure(async (brokers) => startClients(brokers));
  const figure = (what: "killed" | "frozen", goal: number): Figure => ({
    name: `next acknowledgement after a broker was ${what}, the slowest of ${BOARDS} boards`,
    value: ours[what],
    unit: "ms",
    reference: {
      name: theirs[what] < LIMIT ? "MQTT.js, as it comes" : "MQTT.js, as it comes, gave up waiting at",
      value: theirs[what],
      unit: "ms",
    },
    ratio: ours[what] / theirs[what],
    goal: { text: `under ${goal} s`, met: ours[what] < goal * 1000 },
  });
  return [
    figure("killed", 1),
    figure("frozen", 5),
    {
      name: "frames lost of those signed meanwhile",
      value: ours.lost ?? 0,
      unit: `of ${ours.signed}`,
      goal: { text: "none", met: ours.lost === 0 },
    },
  ];
}

interface Outcome {
  readonly killed: number;
  readonly frozen: number;
  readonly signed?: number;
  readonly lost?: number;
}

async function measure(
  start: (
    brokers: readonly Mosquitto[],
  ) => Promise<Publishers & { count?(): Promise<{ signed: number; lost: number }> }>,
): Promise<Outcome> {
  const brokers = await Promise.all([1, 2, 3].map(() => startMosquitto()));
  try {
    const publishers = await start(brokers);
    await sleep(LOAD);
    const killed = await strike(publishers, () => brokers[0]?.kill("SIGKILL"));
    await brokers[0]?.restart();
    await sleep(LOAD);
    const frozen = await strike(publishers, () => brokers[1]?.kill("SIGSTOP"));
    await brokers[1]?.kill("SIGCONT");
    await sleep(LOAD);
    const counts = await publishers.count?.();
    await publishers.stop();
    return { killed, frozen, ...counts };
  } finally {
    await Promise.all(brokers.map((broker) => broker.stop()));
  }
}

/** The longest time from a blow to a publisher's next acknowledgement, at most LIMIT. */
async function strike(
  { acknowledgedAt }: Publishers,
  blow: () => Promise<void> | undefined,
): Promise<number> {
  const began = performance.now();
  await blow();
  const struck = performance.now(); // what came before this may have been on its way
  await sleep(INTERVAL);
  while (performance.now() - began < LIMIT && acknowledgedAt.some((at) => at < struck)) await sleep(5);
  return Math.min(LIMIT, Math.max(...acknowledgedAt.map((at) => (at < struck ? Infinity : at))) - began);
}

async function startBoards(brokers: readonly Mosquitto[]) {
  const addresses = brokers.map(({ url }) => parseBrokerUrl(url));
  const clock = createSystemClock();
  const acknowledgedAt = new Float64Array(BOARDS);
  const keys = Array.from({ length: BOARDS }, () => newPrivateKey());
  const sensors = [{ name: "temperature", unit: "Cel", min: -90, max: 60, cadence: 1 }];
  const devices = keys.map((key) => ({ did: didOfKey(createSigner(key).publicKey), site: "bench", sensors }));
  let signed = 0;
  let verified = 0;
  const verifier = openVerifier({
    registry: createRegistry({ network: NETWORK, devices }, keyReader, "registry"),
    sources: addresses.map((address, i) =>
      mqttSource({ address, network: NETWORK, clientId: `bench-${process.pid}-${i}`, keepSession: true }),
    ),
    judged({ verdict }) {
      if (verdict === "ok") verified++;
    },
    state() {},
    failed(error) {
      throw error;
    },
  });
  while (verifier.subscribed < brokers.length) await sleep(10);
  const boards: BoardHandle[] = keys.map((privateKey, board) => {
    const kid = kidOfKey(createSigner(privateKey).publicKey, hasher);
    return createBoard(
      {
        privateKey,
        clock,
        store: createMemoryKeyValue(),
        flash: createMemoryFlash({ size: 64 * 4096 }),
        isFlashKept: false,
        links: addresses.map((address, i) =>
          createMqttLink(address, `bench-${process.pid}-${kid.join("")}-${i}`),
        ),
        sensors: [
          {
            sensor: { configure() {}, sample: () => ({ temperature: 21.5 }), close() {} },
            interval: INTERVAL,
            channels: [{ property: "temperature", name: "temperature", unit: "Cel", digits: 2 }],
          },
        ],
        observe({ type }: AgentEvent) {
          if (type === "signed") signed++;
          if (type === "acknowledged") acknowledgedAt[board] = performance.now();
        },
        ended() {},
      },
      {
        network: NETWORK,
        readings: 1,
        age: INTERVAL,
        frameBytes: 512,
        configuration: "c0f1c0f1c0f1c0f1",
        uplink: {
          copies: 2,
          acknowledgements: 2,
          window: 32,
          timeout: 3000,
          backoff: { min: 250, max: 5000 },
          absent: 600_000,
          order: "oldest",
        },
      },
    );
  });
  for (const board of boards) board.start();
  return {
    acknowledgedAt,
    async count() {
      for (const board of boards) board.finish();
      for (let i = 0; i < 1000 && verified < signed; i++) await sleep(10);
      return { signed, lost: signed - verified };
    },
    async stop() {
      for (const board of boards) board.stop();
      await verifier.close(true);
    },
  };
}

/** Each publishes to the first of its brokers that answers, as MQTT.js does it with what is set when nothing is said. */
async function startClients(brokers: readonly Mosquitto[]): Promise<Publishers> {
  const acknowledgedAt = new Float64Array(BOARDS);
  const clients: MqttClient[] = [];
  const timers: NodeJS.Timeout[] = [];
  for (let i = 0; i < BOARDS; i++) {
    const servers = brokers.map((_, at) => {
      const { port } = brokers[(at + i) % brokers.length] as Mosquitto;
      return { host: "127.0.0.1", port, protocol: "mqtt" as const };
    });
    const client = connect({ servers });
    client.on("error", () => {});
    const topic = frameTopic(NETWORK, `client-${i}`);
    const payload = Buffer.alloc(168);
    timers.push(
      setInterval(() => {
        client.publish(topic, payload, { qos: 1 }, (error) => {
          if (!error) acknowledgedAt[i] = performance.now();
        });
      }, INTERVAL),
    );
    clients.push(client);
  }
  return {
    acknowledgedAt,
    async stop() {
      for (const timer of timers) clearInterval(timer);
      for (const client of clients) client.end(true);
    },
  };
}
