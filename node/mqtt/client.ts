import { connect, type IClientOptions, type MqttClient, ReasonCodes, type StreamBuilder } from "mqtt";
import type { Answer } from "../../agent/uplink/terms.js";
import { visible } from "../../text/visible.js";
import { limitPackets } from "./packet-limit.js";

/** Columns of what a broker says in its own words, at most. */
const MAX_WORDS = 100;
/** How a connection ends that had come about. */
const BROKEN = ["ECONNRESET", "EPIPE"];
/** MQTT.js, of a broker that does not answer CONNECT. */
const NO_ANSWER = "connack timeout";

/** Begins to connect to a broker by MQTT 3.1.1, of whose messages no more than `most` bytes of payload are read. */
export function connectWithin(most: number, options: IClientOptions): MqttClient {
  const client = connect({ ...options, protocolVersion: 4, manualConnect: true });
  atEachStream(client, (stream) => limitPackets(stream, most));
  client.connect();
  return client;
}

/** Has a look at each connection's stream before MQTT.js reads it. For a client that does not connect by itself (`manualConnect`). */
export function atEachStream(client: MqttClient, look: (stream: ReturnType<StreamBuilder>) => void): void {
  // Not in MQTT.js's types; it is what makes each connection's stream.
  const builder = client as unknown as { streamBuilder: StreamBuilder };
  const build = builder.streamBuilder;
  builder.streamBuilder = (of) => {
    const stream = build(of);
    look(stream);
    return stream;
  };
}

/** An MQTT reason code in words, and what the broker added (MQTT 5 §3.1.2.11.7), fit to be printed. */
export function reasonText(code: number, added = ""): string {
  const name = (ReasonCodes as Readonly<Record<number, string>>)[code] || `reason 0x${code.toString(16)}`;
  const words = visible(added, MAX_WORDS);
  const text = name.startsWith("QoS") ? name : name.charAt(0).toLowerCase() + name.slice(1);
  return words === "" ? text : `${text} (${words})`;
}

/** Why a connection failed, in words. Where a name has several addresses Node gives an error that says nothing. */
export function reasonOf(error: Error): string {
  const { errors } = error as AggregateError;
  // What the other end calls itself in its certificate may be in it.
  return visible(error.message || (errors?.[0] as Error | undefined)?.message || error.name);
}

/** What MQTT.js's last error, if any, says of how the broker answered CONNECT. */
export function answerOf(error: Error | undefined): Answer {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  if (error === undefined || BROKEN.includes(String(code))) return "none";
  if (typeof code === "number") return code;
  // The system's errors have codes; MQTT.js's, at bytes that it cannot read, have none.
  return code === undefined && error.message !== NO_ANSWER ? "garbled" : undefined;
}
