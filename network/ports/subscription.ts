/** What a subscriber tells. */
export interface SubscriberHandler {
  /**
   * Acknowledged when this returns, or when what it returns resolves: until then more frames may be
   * handed over, as many as the subscriber bounds. Where it throws or rejects, the frame must stay
   * with the broker. Keeps nothing of `bytes` when it has returned.
   */
  readonly frame: (bytes: Uint8Array, topic: string) => Promise<void> | undefined;
  /** Somebody says how a device does. Where it is left out, nobody asks for that. */
  readonly status?: ((bytes: Uint8Array, device: string) => void) | undefined;
  readonly state: (broker: string, state: "subscribed" | "lost", reason: string) => void;
  /** The subscriber cannot go on. */
  readonly failed: (error: Error) => void;
}

/**
 * Begins to listen to one broker: all frames of one network, each at least once, and comes back
 * when the broker does.
 */
export type Subscribe = (handler: SubscriberHandler) => Subscriber;

export interface Subscriber {
  /** The broker's name; of a URL, without passwords. */
  readonly broker: string;
  readonly subscribed: boolean;
  /**
   * Publishes at QoS 1, not retained, if the broker is connected; whether it arrives nobody says. Left
   * out: it only listens.
   */
  publish?(topic: string, message: Uint8Array): void;
  /**
   * `forget`: the broker drops the session, too. Must end within seconds, and without an error,
   * whatever the broker does.
   */
  close(forget: boolean): Promise<void>;
}
