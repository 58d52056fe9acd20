import { connect, type MqttClient } from "mqtt";
import { frameFilter } from "../../agent/frame/topic.js";
import { brokerName } from "../mqtt.js";

/** Milliseconds before a broker that was lost is tried again. */
const RECONNECT = 500;

export interface SubscriberInit {
  readonly url: string;
  readonly network: string;
  /**
   * Names the session. With `keepSession` the broker keeps what arrives while this subscriber is away, and
   * redelivers what it did not acknowledge, to the next one of the same name.
   */
  readonly clientId: string;
  readonly keepSession: boolean;
  /** Acknowledged when this returns. Where it throws, the frame stays with the broker and `failed` is told. */
  readonly frame: (bytes: Uint8Array) => void;
  readonly state: (broker: string, state: "subscribed" | "lost", reason: string) => void;
  readonly failed: (error: Error) => void;
}

export interface Subscriber {
  readonly broker: string;
  readonly subscribed: boolean;
  /** `forget`: the broker drops the session, too. */
  close(forget: boolean): Promise<void>;
}

/** Gets all frames of a network from one broker, at QoS 1, over MQTT 3.1.1, and comes back when the broker does. */
export function createSubscriber(init: SubscriberInit): Subscriber {
  const { url, clientId, keepSession, network } = init;
  const broker = brokerName(url);
  let subscribed = false;
  let closing = false;
  let isLost = false;
  let reason = "";
  const client: MqttClient = connect(url, {
    clientId,
    clean: !keepSession,
    protocolVersion: 4,
    reconnectPeriod: RECONNECT,
    keepalive: 30,
    resubscribe: false, // below, at each connection, so that its failure is noticed
  });
  client.on("connect", () => {
    client.subscribe(frameFilter(network), { qos: 1 }, (error, granted) => {
      if (error || granted?.some(({ qos }) => qos > 2)) {
        init.failed(new Error(`${broker} refuses the subscription: ${error?.message ?? "not authorized"}`));
        return;
      }
      subscribed = true;
      isLost = false;
      init.state(broker, "subscribed", "");
    });
  });
  client.on("error", (error) => {
    reason = error.message || error.name;
  });
  client.on("close", () => {
    // Said once; the tries that fail until it is back are not.
    if (!closing && !isLost) init.state(broker, "lost", reason || "the connection was closed");
    isLost = true;
    subscribed = false;
    reason = "";
  });
  // MQTT.js sends PUBACK when this calls back, and takes the next packet only then.
  client.handleMessage = (packet, callback) => {
    try {
      if (typeof packet.payload !== "string") init.frame(packet.payload);
      callback();
    } catch (error) {
      callback(error as Error);
      init.failed(error as Error);
    }
  };
  return {
    broker,
    get subscribed() {
      return subscribed;
    },
    async close(forget) {
      closing = true;
      const wasConnected = client.connected;
      await client.endAsync(!wasConnected);
      if (forget && keepSession && wasConnected) await dropSession(url, clientId);
    },
  };
}

/** A session is dropped by opening it once more as a clean one (MQTT 3.1.1 §3.1.2.4). */
async function dropSession(url: string, clientId: string): Promise<void> {
  const client = connect(url, {
    clientId,
    clean: true,
    protocolVersion: 4,
    reconnectPeriod: 0,
    connectTimeout: 2000,
  });
  await new Promise<void>((resolve) => {
    client.once("connect", () => resolve());
    client.once("close", () => resolve());
    client.once("error", () => resolve());
  });
  await client.endAsync(true);
}
