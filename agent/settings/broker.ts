/** An MQTT broker, as the configuration names it. */
export interface Broker {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
  /** X.509 in DER: the broker is reached by TLS, and its certificate is this one, or signed by it. */
  readonly certificate?: Uint8Array;
}

/** What a broker says of a device, retained, in its stead when its session ended: the last will. */
export interface Presence {
  readonly topic: string;
  readonly offline: string;
}

/** Of a message, at most. */
export const MAX_INBOX_BYTES = 1024;

/** What a link subscribes to in each session, at QoS 1, and to whom it hands what comes. */
export interface Inbox {
  /** ASCII, at least one. */
  readonly topics: readonly string[];
  /** Must not throw. At most MAX_INBOX_BYTES, perhaps none; `payload` may be kept. A broker may send the same again. */
  received(payload: Uint8Array): void;
  /** A message was longer than that. Must not throw. */
  passedOver(bytes: number): void;
}
