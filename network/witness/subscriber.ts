import { connect, type MqttClient } from "mqtt";
import { frameFilter } from "../../agent/frame/topic.js";
import { brokerName } from "../mqtt.js";

/** Milliseconds before a broker that was lost is tried again. */
const RECONNECT = 500;

/** What a subscriber tells. */
export interface SubscriberHandler {
  /** Acknowledged when this returns. Where it throws, the frame stays with the broker and `failed` is told. */
  readonly frame: (bytes: Uint8Array) => void;
  readonly state: (broker: string, state: "subscribed" | "lost", reason: string) => void;
  readonly failed: (error: Error) => void;
}

/** Begins to listen to one broker. */
export type Subscribe = (handler: SubscriberHandler) => Subscriber;

export interface MqttSource {
  readonly url: string;
  readonly network: string;
  /**
   * Names the session. With `keepSession` the broker keeps what arrives while this subscriber is away, and
   * redelivers what it did not acknowledge, to the next one of the same name.
   */
  readonly clientId: string;
  readonly keepSession: boolean;
}

export interface Subscriber {
  readonly broker: string;
  readonly subscribed: boolean;
  /** `forget`: the broker drops the session, too. */
  close(forget: boolean): Promise<void>;
}

/** Gets all frames of a network from one broker, at QoS 1, over MQTT 3.1.1, and comes back when the broker does. */
export function mqttSource({ url, clientId, keepSession, network }: MqttSource): Subscribe {
  return (handler) => listen(url, clientId, keepSession, network, handler);
}

function listen(
  url: string,
  clientId: string,
  keepSession: boolean,
  network: string,
  handler: SubscriberHandler,
): Subscriber {
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
        handler.failed(
          new Error(`${broker} refuses the subscription: ${error?.message ?? "not authorized"}`),
        );
        return;
      }
      subscribed = true;
      isLost = false;
      handler.state(broker, "subscribed", "");
    });
  });
  client.on("error", (error) => {
    reason = error.message || error.name;
  });
  client.on("close", () => {
    // Said once; the tries that fail until it is back are not.
    if (!closing && !isLost) handler.state(broker, "lost", reason || "the connection was closed");
    isLost = true;
    subscribed = false;
    reason = "";
  });
  // MQTT.js sends PUBACK when this calls back, and takes the next packet only then.
  client.handleMessage = (packet, callback) => {
    try {
      if (typeof packet.payload !== "string") handler.frame(packet.payload);
      callback();
    } catch (error) {
      callback(error as Error);
      handler.failed(error as Error);
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
