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
