import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connectAsync } from "mqtt";
import { MemoryBroker } from "../../host-sim/fleet/memory-link.js";
import { Broker } from "../../host-sim/world/broker.js";
import { Dice } from "../../host-sim/world/dice.js";
import { Life } from "../../host-sim/world/life.js";
import { VirtualLink } from "../../host-sim/world/link.js";
import type { Observer } from "../../host-sim/world/observer.js";
import { Route } from "../../host-sim/world/route.js";
import { Subscription } from "../../host-sim/world/subscription.js";
import { Scheduler } from "../../host-sim/world/time.js";
import { type BrokerAddress, mqttOptions, parseBrokerUrl } from "../../node/mqtt/broker-address.js";
import { createMqttLink } from "../../node/ports/link.js";
import { createIssuer } from "../support/certificates.js";
import { temporaryFolder } from "../support/cli.js";
import { freePort, startMosquitto } from "../support/mosquitto.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { describeLink, type LinkBinding } from "./link.js";

describeLink("in memory", async () => {
  const clock = new VirtualClock();
  const broker = new MemoryBroker("broker", clock);
  broker.latency = 100;
  const got: { topic: string; payload: Uint8Array }[] = [];
  broker.subscribe((payload, topic) => got.push({ topic, payload }));
  return {
    link: () => broker.link(),
    got,
    kill: async () => broker.kill(),
    restart: async () => broker.restart(),
    async until(isSo) {
      while (!isSo()) clock.advance(10);
    },
    pass: async () => clock.advance(10_000),
    close: async () => {},
  };
});

describeLink("in virtual time", async () => {
  const scheduler = new Scheduler();
  const dice = new Dice("link");
  const broker = new Broker("broker-0", scheduler, dice.fork("broker"), {
    queued() {},
  } as unknown as Observer);
  // Without jitter: a connection that was given up could overtake the next, and take its session
  // over (MQTT 5 §3.1.4).
  const route = (client: string) =>
    Object.assign(new Route(scheduler, dice.fork(client), `${client}/broker-0`), { jitter: 0 });
  const got: { payload: Uint8Array }[] = [];
  const take = (payload: Uint8Array) => got.push({ payload }) > 0;
  new Subscription(scheduler, dice.fork("verifier"), broker, route("verifier"), take).start();
  const pass = (milliseconds: number) => scheduler.run(scheduler.now + milliseconds);
  pass(1000);
  let links = 0;
  return {
    link() {
      const client = `board-${links++}`;
      const life = new Life(
        () => {},
        (error) => {
          throw error;
        },
      );
      const told = { opening() {}, sent() {}, acked() {} };
      const init = {
        client,
        broker,
        route: route(client),
        scheduler,
        dice: dice.fork(client),
        life,
        ...told,
      };
      return new VirtualLink(init);
    },
    got,
    kill: async () => broker.kill(),
    async restart() {
      broker.restart();
      pass(10_000); // the verifier is back
    },
    async until(isSo) {
      for (let left = 6000; !isSo(); left--) {
        if (left === 0) throw new Error("not within a minute");
        pass(10);
      }
    },
    pass: async () => pass(1000),
    close: async () => {},
  };
});

const folder = temporaryFolder();
const issue = createIssuer(folder);
const authority = issue("authority", { isAuthority: true });
const identity = issue("broker", { by: authority, names: "IP:127.0.0.1" });
const TLS = { certfile: identity.chain, keyfile: identity.key };
const WEBSOCKETS = { protocol: "websockets" };

/**
 * Each way to reach a broker by MQTT.js is a row here, and in PROTOCOLS of
 * node/mqtt/broker-address.ts.
 */
const TRANSPORTS: Readonly<Record<BrokerAddress["protocol"], Readonly<Record<string, string>>>> = {
  mqtt: {},
  mqtts: TLS,
  ws: WEBSOCKETS,
  wss: { ...WEBSOCKETS, ...TLS },
};

for (const [protocol, config] of Object.entries(TRANSPORTS))
  for (const version of [4, 5] as const)
    describeLink(`MQTT.js, ${protocol}://, MQTT version ${version}`, () =>
      mqttBinding(protocol, config, version),
    );

async function mqttBinding(
  protocol: string,
  config: Readonly<Record<string, string>>,
  version: 4 | 5,
): Promise<LinkBinding> {
  // mosquitto 2.0.11 starts with no listener of WebSockets alone.
  const other = { port: await freePort(), bind_address: "127.0.0.1" };
  const broker = await startMosquitto({
    config: { ...config, ...(config.protocol !== undefined && other) },
  });
  const parsed = parseBrokerUrl(`${protocol}://board:secret@127.0.0.1:${broker.port}`);
  const address = parsed.tls
    ? { ...parsed, certificate: readFileSync(authority.certificate, "utf8") }
    : parsed;
  const got: { topic: string; payload: Uint8Array }[] = [];
  const listen = async () => {
    const client = await connectAsync({ ...mqttOptions(address), clientId: "listener", reconnectPeriod: 0 });
    client.on("error", () => {}); // it is killed with the broker
    client.on("message", (topic, payload) => got.push({ topic, payload }));
    await client.subscribeAsync("#", { qos: 1 });
    return client;
  };
  let listener = await listen();
  let links = 0;
  return {
    link: () => createMqttLink(address, `link-${links++}`, version),
    got,
    kill: () => broker.kill(),
    async restart() {
      await broker.restart();
      listener = await listen();
    },
    async until(isSo) {
      while (!isSo()) await sleep(5);
    },
    pass: () => sleep(100),
    async close() {
      listener.end(true);
      await broker.stop();
    },
  };
}
