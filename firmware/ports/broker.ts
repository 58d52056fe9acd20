/** An MQTT broker, as the configuration names it. */
export interface Broker {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
}

/** What every session says of its device, retained: on arrival, and by its will when it is gone. */
export interface Presence {
  readonly topic: string;
  online(): string;
  readonly offline: string;
}
