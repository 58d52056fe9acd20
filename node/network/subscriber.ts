import type { IPublishPacket, MqttClient } from "mqtt";
import { frameFilter, statusTopic } from "../../agent/frame/topic.js";
import type { Subscribe, Subscriber, SubscriberHandler } from "../../network/ports/subscription.js";
import { type BrokerAddress, mqttOptions, nameOf } from "../mqtt/broker-address.js";
import { connectWithin, reasonOf } from "../mqtt/client.js";

/** Milliseconds before a broker that was lost is tried again. */
const RECONNECT = 500;
/** Milliseconds that a broker gets to take leave; a frozen one never does. */
const FAREWELL = 2000;
/** Bytes of a message that are read at the most: a frame or a status has 4,096. */
const MOST = 8192;
/** Messages that may wait to be durable at a time; then the broker has to wait, too. */
const MOST_OWED = 4096;
/** Then come the length of the rest, and the message's identifier (MQTT 3.1.1 §3.4). */
const PUBACK = 0x40;
/** SUBACK return codes from here on are refusals (MQTT 3.1.1 §3.9.3). */
const REFUSED = 0x80;

export interface MqttSource {
  readonly address: BrokerAddress;
  readonly network: string;
  /**
   * Names the session. With `keepSession` the broker keeps what arrives while this subscriber is away, and
   * redelivers what it did not acknowledge, to the next one of the same name.
   */
  readonly clientId: string;
  readonly keepSession: boolean;
}

/** Gets all frames of a network from one broker, at QoS 1, over MQTT 3.1.1, and comes back when the broker does. */
export function mqttSource({ address, clientId, keepSession, network }: MqttSource): Subscribe {
  return (handler) => listen(address, clientId, keepSession, network, handler);
}

/** A message whose PUBACK is not left to MQTT.js. */
type Owed = IPublishPacket & { owes?: number | undefined };

function listen(
  address: BrokerAddress,
  clientId: string,
  keepSession: boolean,
  network: string,
  handler: SubscriberHandler,
): Subscriber {
  const broker = nameOf(address);
  let subscribed = false;
  let closing = false;
  let isOver = false;
  let isLost = false;
  let reason = "";
  let statuses: "wanted" | "asked" | "there" | "refused" = handler.status ? "wanted" : "refused";
  const client: MqttClient = connectWithin(MOST, {
    ...mqttOptions(address),
    clientId,
    clean: !keepSession,
    reconnectPeriod: RECONNECT,
    keepalive: 30,
    resubscribe: false, // below, at each connection, so that its failure is noticed
  });
  client.on("connect", () => {
    client.subscribe(frameFilter(network), { qos: 1 }, (error) => {
      if (closing) return;
      if (error && isRefusal(error))
        handler.failed(new Error(`${broker} refuses the subscription: ${error.message}`));
      // Else the connection has ended before the answer: "close" follows, and the next try.
      if (error) return;
      subscribed = true;
      isLost = false;
      handler.state(broker, "subscribed", "");
      askForStatuses();
    });
  });
  /**
   * At QoS 0, so that a broker keeps none of them for a session that is away: they would take the place of frames. A broker that
   * refuses, or hangs up at that, is not asked again.
   */
  function askForStatuses(): void {
    if (statuses === "refused") return;
    statuses = "asked";
    client.subscribe(statusTopic(network, "+"), { qos: 0 }, (error) => {
      if (!error) statuses = "there";
      else if (isRefusal(error)) statuses = "refused";
    });
  }
  client.on("error", (error) => {
    reason = reasonOf(error);
  });
  client.on("close", () => {
    // Said once; the tries that fail until it is back are not.
    if (!closing && !isLost) handler.state(broker, "lost", reason || "the connection was closed");
    isLost = true;
    subscribed = false;
    if (statuses === "asked") statuses = "refused";
    reason = "";
  });
  /** Messages that are not acknowledged yet; and what takes the next packet, while they are too many. */
  let owed = 0;
  let takeNext: (() => void) | undefined;
  // MQTT.js acknowledges a message before it takes the next one. Of one that asks for nothing it
  // sends no PUBACK, so that is sent here: many frames then become durable together.
  client.on("packetreceive", (packet) => {
    if (packet.cmd !== "publish" || packet.qos !== 1) return;
    packet.qos = 0;
    (packet as Owed).owes = packet.messageId;
  });
  client.handleMessage = (packet, callback) => {
    if (isOver) return; // nobody keeps it any more: the broker may
    const { payload, topic, owes } = packet as Owed;
    const { stream } = client;
    const acknowledge = () => {
      // A session that was lost has the message again in the next.
      if (owes !== undefined && !isOver && client.stream === stream && client.connected)
        stream.write(Uint8Array.of(PUBACK, 2, owes >> 8, owes & 0xff));
    };
    try {
      const [, , , device = ""] = topic.split("/");
      if (typeof payload === "string") return callback();
      let durable: Promise<void> | undefined;
      if (topic === statusTopic(network, device)) handler.status?.(payload, device);
      else durable = handler.frame(payload, topic);
      if (durable === undefined) {
        acknowledge();
        callback();
        return;
      }
      owed++;
      durable.then(acknowledge, (error) => handler.failed(error as Error)).finally(settle);
      if (owed < MOST_OWED) callback();
      else takeNext = callback;
    } catch (error) {
      callback(error as Error);
      handler.failed(error as Error);
    }
  };
  function settle(): void {
    owed--;
    const next = takeNext;
    takeNext = undefined;
    next?.();
  }
  return {
    broker,
    get subscribed() {
      return subscribed;
    },
    publish(topic, message) {
      if (client.connected && !closing) client.publish(topic, Buffer.from(message), { qos: 1 }, () => {});
    },
    async close(forget) {
      closing = true;
      // One that is to connect by itself no more: MQTT.js forgets that it was ended (`manualConnect`).
      client.options.reconnectPeriod = 0;
      const wasConnected = client.connected;
      const inTime = await within(FAREWELL, client.endAsync(!wasConnected));
      isOver = true;
      subscribed = false;
      // `end` does nothing for a client that is ending.
      if (!inTime) client.stream.destroy();
      if (forget && keepSession && wasConnected && inTime) await dropSession(address, clientId);
    },
  };
}

/** What MQTT.js gives where SUBACK refuses carries that packet; where no SUBACK came, none. */
function isRefusal(error: Error): boolean {
  const { packet } = error as { packet?: { granted?: readonly unknown[] } };
  return packet?.granted?.some((code) => Number(code) >= REFUSED) ?? false;
}

/** Whether `work` ends, well or badly, within `limit` milliseconds. */
async function within(limit: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limit);
  });
  const done = work.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([done, late]);
  clearTimeout(timer);
  return inTime;
}

/** A session is dropped by opening it once more as a clean one (MQTT 3.1.1 §3.1.2.4). */
async function dropSession(address: BrokerAddress, clientId: string): Promise<void> {
  const client = connectWithin(MOST, {
    ...mqttOptions(address),
    clientId,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: FAREWELL,
  });
  const answered = new Promise<void>((resolve) => {
    client.on("connect", () => resolve());
    client.on("close", () => resolve());
    client.on("error", () => resolve());
  });
  await within(FAREWELL, answered);
  client.end(true);
  client.stream.destroy();
}
