/** 4 is MQTT 3.1.1. */
export type MqttVersion = 4 | 5;

/** Whether what the broker is to retain, the will too, is retained, only published, or left out. */
export type PresenceAsked = "retained" | "plain" | "none";

/** How a broker is asked for a session. */
export interface Terms {
  readonly version: MqttVersion;
  readonly presence: PresenceAsked;
}

/**
 * How a broker answered that did not take the session: the code of its CONNACK; "none": it ended the
 * connection without a word; "garbled": what came is not MQTT. Undefined is all else: it was not
 * reached, or said goodbye.
 */
export type Answer = number | "none" | "garbled" | undefined;

/** "Unacceptable protocol version" in MQTT 3.1.1 (§3.2.2.3) and in MQTT 5 (§3.2.2.2). */
const WRONG_VERSION: readonly Answer[] = Object.freeze([1, 0x84]);
/** MQTT 5 §3.2.2.2: the will is to be retained, and the broker retains nothing. */
export const RETAIN_NOT_SUPPORTED = 0x9a;

/** The broker may not know MQTT 5. */
export function isVersionDoubtful(answer: Answer): boolean {
  return answer === "none" || answer === "garbled" || WRONG_VERSION.includes(answer);
}

/**
 * What to ask for instead within the same attempt, if anything. Only what may be meant for the manner
 * of asking counts: who is refused by a code (a wrong password, a banned client, a busy server) would
 * be refused in each manner, and brokers count such attempts.
 */
export function lessThan({ version, presence }: Terms, answer: Answer): Terms | undefined {
  if (version === 5 && isVersionDoubtful(answer)) return { version: 4, presence };
  if (answer === RETAIN_NOT_SUPPORTED && presence === "retained") return { version, presence: "plain" };
  const weaker = answer === "none" ? weakerThan(presence) : undefined;
  return weaker && { version, presence: weaker };
}

export function weakerThan(presence: PresenceAsked): PresenceAsked | undefined {
  if (presence === "none") return undefined;
  return presence === "retained" ? "plain" : "none";
}
