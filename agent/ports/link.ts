/**
 * One broker, one MQTT session at a time. The uplink opens it, publishes over it, and opens it
 * again after it closed; the link itself never reconnects and never publishes anything again.
 */
export interface Link {
  /** Names the broker in events, for instance its address. Must not carry a password. */
  readonly name: string;
  /** Starts a session. Must not be called while one is open or opening. */
  open(handler: LinkHandler): void;
  /**
   * Publishes at QoS 1. `retain`: the broker gives it to everyone who subscribes later. `id` is the caller's; `acknowledged` brings it back.
   * Must copy `payload` or send it before returning. Only between `opened` and `closed`.
   */
  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void;
  /** Ends the session, or the attempt: nothing of it is called back any more. Harmless where there is none. */
  close(): void;
}

/** What a link tells its owner; never from inside a call of `open`, `publish` or `close`. */
export interface LinkHandler {
  opened(): void;
  /** The broker answered PUBACK: it has the message, as far as it says. */
  acknowledged(id: number): void;
  /**
   * The broker says that it does not take the message, or that no one will get it (MQTT 5 reason 0x10, "no
   * matching subscribers"), which MQTT 3.1.1 cannot say; or the link knows that the broker will not take it.
   */
  refused(id: number, reason: string): void;
  /** The session, or the attempt, is over. Publications not acknowledged by now will not be. */
  closed(reason: string): void;
}
