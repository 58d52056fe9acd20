import { connectAsync, type MqttClient } from "mqtt";
import { frameFilter, frameTopic } from "../agent/frame/topic.js";
import { createRegistry } from "../network/verify/registry.js";
import { parseBrokerUrl } from "../node/mqtt/broker-address.js";
import { mqttSource } from "../node/network/subscriber.js";
import { openVerifier } from "../node/network/verifier.js";
import { keyReader } from "../node/ports/signer.js";
import { startMosquitto } from "../test/support/mosquitto.js";
import { BenchBoard } from "./board.js";
import { against, compare, type Figure, type Measure, type Section } from "./harness.js";

const NETWORK = "demo";
/** Frames of one measurement, and how many of them are under way at the same time. */
const FRAMES = 2000;
const WINDOW = 200;
const ROUNDS = 5;

/** From a board through a real broker to the verdict, beside a subscriber that only counts. */
export function brokerSection(): Section {
  return { name: "broker", run };
}

async function run(): Promise<Figure[]> {
  const broker = await startMosquitto();
  const publisher = await connectAsync(broker.url, { protocolVersion: 4 });
  try {
    const rates = await compare(
      { bare: bareSubscriber(broker.url, publisher), verify: verifier(broker.url, publisher) },
      { rounds: ROUNDS },
    );
    const figure = { name: "sign, mosquitto, verify (one thread)", value: rates.verify, unit: "frames/s" };
    return [
      against(figure, { name: "sign, mosquitto, count (one thread)", value: rates.bare, unit: "frames/s" }),
    ];
  } finally {
    await publisher.endAsync(true);
    await broker.stop();
  }
}

function bareSubscriber(url: string, publisher: MqttClient): Measure {
  return async () => {
    const board = new BenchBoard(NETWORK);
    const subscriber = await connectAsync(url, { protocolVersion: 4 });
    await subscriber.subscribeAsync(frameFilter(NETWORK), { qos: 1 });
    let seen = 0;
    const rate = await publish(publisher, board, (arrived) => {
      subscriber.on("message", () => arrived(++seen));
    });
    await subscriber.endAsync(true);
    return rate;
  };
}

function verifier(url: string, publisher: MqttClient): Measure {
  return async () => {
    const board = new BenchBoard(NETWORK);
    let seen = 0;
    let arrived = (_count: number) => {};
    let ready = () => {};
    const subscribed = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const judge = openVerifier({
      registry: createRegistry(board.registry, keyReader, "registry"),
      sources: [
        mqttSource({
          address: parseBrokerUrl(url),
          network: NETWORK,
          clientId: `bench-${process.pid}`,
          keepSession: false,
        }),
      ],
      judged({ ok, verdict }) {
        if (!ok) throw new Error(`a frame of our own is ${verdict}: the figures would mean nothing`);
        arrived(++seen);
      },
      state: () => ready(),
      failed(error) {
        throw error;
      },
    });
    await subscribed;
    const rate = await publish(publisher, board, (callback) => {
      arrived = callback;
    });
    await judge.close(false);
    return rate;
  };
}

/** Signs and publishes FRAMES frames, WINDOW at a time; gives frames a second until the last one arrived. */
async function publish(
  publisher: MqttClient,
  board: BenchBoard,
  listen: (arrived: (count: number) => void) => void,
): Promise<number> {
  const topic = frameTopic(NETWORK, board.device);
  let sent = 0;
  const send = () => {
    sent++;
    publisher.publish(topic, Buffer.from(board.next()), { qos: 1 });
  };
  const start = performance.now();
  await new Promise<void>((resolve) => {
    listen((count) => {
      if (sent < FRAMES) send();
      else if (count === FRAMES) resolve();
    });
    while (sent < WINDOW) send();
  });
  return (FRAMES * 1000) / (performance.now() - start);
}
