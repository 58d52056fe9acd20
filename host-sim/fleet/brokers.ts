import { randomBytes } from "node:crypto";
import { OFFLINE_STATUS, statusTopic } from "../../agent/frame/topic.js";
import type { Clock } from "../../agent/ports/clock.js";
import type { Link } from "../../agent/ports/link.js";
import type { Subscribe } from "../../network/ports/subscription.js";
import { type BrokerAddress, nameOf } from "../../node/mqtt/broker-address.js";
import type { EmbeddedBroker } from "./embedded-broker.js";
import { MemoryBroker } from "./memory-link.js";

/** The brokers of a fleet: what boards publish to and the verifier listens to. */
export interface FleetBrokers {
  /** Names of the brokers, in order. */
  readonly names: readonly string[];
  readonly sources: readonly Subscribe[];
  /** A board's link to each broker. `client`: unique among boards. `device`: the board's name in topics. */
  links(client: string, device: string): Link[];
  close(): Promise<void>;
}

/**
 * Real brokers. `embedded` ones are in this process and speak MQTT 3.1.1. What speaks MQTT is loaded here: fleets with
 * brokers in memory do without its memory.
 */
async function mqttBrokers(
  addresses: readonly BrokerAddress[],
  network: string,
  embedded: readonly EmbeddedBroker[],
): Promise<FleetBrokers> {
  const { mqttSource } = await import("../../node/network/subscriber.js");
  const { createMqttLink } = await import("../../node/ports/link.js");
  // Random, as two containers may have the same process id; with the broker's index, as one broker may be in the list twice:
  // a broker ends the session of whoever came before with the same client id.
  const run = `${network}-${randomBytes(4).toString("hex")}`;
  const version = embedded.length > 0 ? 4 : 5;
  return {
    names: addresses.map(nameOf),
    sources: addresses.map((address, index) =>
      mqttSource({ address, network, clientId: `fieldmark-sim-${run}-${index}`, keepSession: true }),
    ),
    links(client, device) {
      const will = { topic: statusTopic(network, device), payload: OFFLINE_STATUS };
      return addresses.map((address, index) =>
        createMqttLink(address, `fieldmark-${run}-${index}-${client}`, version, will),
      );
    },
    async close() {
      await Promise.all(embedded.map((broker) => broker.close()));
    },
  };
}

export const connectBrokers = (addresses: readonly BrokerAddress[], network: string) =>
  mqttBrokers(addresses, network, []);

export async function startBrokers(count: number, network: string): Promise<FleetBrokers> {
  const { startEmbeddedBroker } = await import("./embedded-broker.js");
  const brokers: EmbeddedBroker[] = [];
  for (let i = 0; i < count; i++) brokers.push(await startEmbeddedBroker());
  return mqttBrokers(
    brokers.map(({ address }) => address),
    network,
    brokers,
  );
}

/** Brokers in memory, for fleets that would need more sockets than a machine has. */
export function memoryBrokers(count: number, clock: Clock): FleetBrokers {
  const brokers = Array.from({ length: count }, (_, index) => new MemoryBroker(`memory-${index + 1}`, clock));
  for (const broker of brokers) broker.keepsRetained = false;
  return {
    names: brokers.map(({ name }) => name),
    sources: brokers.map(
      (broker): Subscribe =>
        ({ frame, state }) => {
          const stop = broker.subscribe(frame);
          state(broker.name, "subscribed", "");
          return {
            broker: broker.name,
            subscribed: true,
            async close() {
              stop();
            },
          };
        },
    ),
    links: () => brokers.map((broker) => broker.link()),
    close: async () => {},
  };
}
