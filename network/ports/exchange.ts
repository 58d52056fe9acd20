/**
 * The ways between witnesses. Messages may be lost, come twice, late and in another order; nobody says
 * who sent one, and nothing in it is proven.
 */
export interface Exchange {
  /** To one witness, by its index in the description; left out: to all others. Keeps `message`. */
  send(message: Uint8Array, to?: number): void;
}

/** Takes one in. Never throws. What it returns goes back by the way that it came. */
export type Receive = (message: Uint8Array) => readonly Uint8Array[];

/** The way by which messages go to one witness. */
export interface MessageLink {
  /**
   * Sends a parcel (network/epoch/parcel.ts), and has a parcel for an answer, of at most `limit`
   * bytes. Rejects where there is none within a time.
   */
  messages(parcel: Uint8Array, limit: number): Promise<Uint8Array>;
}

/** Messages that go together at most, and bytes of one. Who gets more reads no further. */
export const MOST_MESSAGES = 64;
export const MAX_MESSAGE_BYTES = 1 << 20;
