import { randomBytes } from "node:crypto";
import { longestFrame } from "../../agent/config.js";
import { frameTopic, statusTopic } from "../../agent/frame/topic.js";
import { STATUS_ID } from "../../agent/uplink/session.js";
import {
  type Answer,
  isVersionDoubtful,
  type MqttVersion,
  RETAIN_NOT_SUPPORTED,
} from "../../agent/uplink/terms.js";
import { OperationError } from "../../provision/events.js";
import { brokerOf, type ReadFile, type SiteBroker } from "../../provision/site/settings.js";
import type { Site } from "../../provision/site/site.js";
import { addressOf, type BrokerAddress } from "../mqtt/broker-address.js";
import { type End, MqttSession } from "../mqtt/session.js";
import type { Check } from "./check.js";

/** Milliseconds that a broker may take to be reached, to take the session, and to acknowledge. */
const PATIENCE = 4000;
const MQTT = 1883;
const MQTT_TLS = 8883;
/** Readings in a frame where the site file does not say. */
const READINGS = 4;

/** Bad user name or password, and not authorized: MQTT 3.1.1 §3.2.2.3, then MQTT 5 §3.2.2.2. */
const NOT_THIS_USER: readonly Answer[] = [4, 5, 0x86, 0x87];

type Found = Omit<Check, "name">;

/** What a session is opened with: a board that there is not, so that nobody hears of it. */
interface Trial {
  readonly broker: BrokerAddress;
  readonly clientId: string;
  readonly network: string;
  /** Bytes of the longest frame. */
  readonly frame: number;
}

/** How a trial ended; `end` where the session did not come about, or did not last. */
type Outcome =
  | { readonly found: Found }
  | { readonly end: End }
  | { readonly isSilent: true; readonly isConnected: boolean };

/**
 * Opens a session as a board does, with a retained last will, and publishes as boards do. What it publishes is empty, retained, and the status of a
 * board that there is not: brokers keep nothing of that. Ends in time, whatever the broker does.
 */
export async function checkBroker(broker: SiteBroker, site: Site, read: ReadFile): Promise<Check> {
  const tls = broker.certificate_file !== undefined;
  const { host, port = tls ? MQTT_TLS : MQTT } = broker;
  const name = `broker ${host}:${port}`;
  try {
    const address = addressOf(await brokerOf(broker, read));
    const { network } = site.site;
    const clientId = randomBytes(8).toString("hex");
    const frame = longestFrame(network, readingsOf(site.settings), site.sensors ?? []);
    return { name, ...(await tryAll({ broker: address, clientId, network, frame })) };
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    return { name, state: "bad", said: error.message, hint: error.hint };
  }
}

function readingsOf(settings: unknown): number {
  const { readings } = (settings ?? {}) as { readonly readings?: unknown };
  return typeof readings === "number" ? readings : READINGS;
}

/** MQTT 5, in which brokers say why they refuse, and MQTT 3.1.1 with those that do not know it. */
async function tryAll(trial: Trial): Promise<Found> {
  const first = await tryOnce(trial, 5);
  const isUnknown =
    "end" in first ? isVersionDoubtful(first.end.answer) : "isSilent" in first && first.isConnected;
  if (!isUnknown) return foundBy(first, trial);
  return foundBy(await tryOnce(trial, 4), trial);
}

function tryOnce({ broker, clientId, network, frame }: Trial, version: MqttVersion) {
  const status = statusTopic(network, clientId);
  return new Promise<Outcome>((resolve) => {
    const finish = (outcome: Outcome) => {
      clearTimeout(timer);
      session.end();
      resolve(outcome);
    };
    const timer = setTimeout(() => {
      if (session.isOpen)
        finish({
          found: bad("takes the session, and acknowledges no publication", "The broker's log may say why."),
        });
      else finish({ isSilent: true, isConnected: session.isConnected });
    }, PATIENCE);
    const session = new MqttSession(
      {
        broker,
        clientId,
        terms: { version, presence: "retained" },
        will: { topic: status, payload: "" },
        inbox: undefined,
      },
      {
        opened() {
          if (session.takes(frameTopic(network, clientId), frame))
            session.publish(STATUS_ID, status, new Uint8Array(), true);
          else
            finish({
              found: bad(
                session.tooLarge,
                `Frames of this site have up to ${frame} bytes: raise its limit, or set readings lower in [settings].`,
              ),
            });
        },
        acknowledged: () => finish({ found: session.retains ? GOOD : RETAINS_NOTHING }),
        refused: (_id, reason) =>
          finish({ found: bad(reason, `May its user publish below fieldmark/1/${network}/ ?`) }),
        ended: (end) => finish({ end }),
      },
    );
  });
}

const bad = (said: string, hint: string): Found => ({ state: "bad", said, hint });

const GOOD: Found = { state: "good", said: "takes a session, and what a board publishes" };
const RETAIN_HINT = "Boards have their status retained: let the broker retain messages.";
const RETAINS_NOTHING: Found = {
  state: "unsure",
  said: "takes a session, but retains nothing",
  hint: RETAIN_HINT,
};

function foundBy(outcome: Outcome, { broker }: Trial): Found {
  if ("found" in outcome) return outcome.found;
  if ("end" in outcome) return bad(outcome.end.reason, hintFor(outcome.end, broker));
  return outcome.isConnected
    ? bad(
        "takes the connection, and does not answer",
        "Is the port one of MQTT, and does the broker run well?",
      )
    : bad("does not answer", ELSEWHERE);
}

const ELSEWHERE = "Boards may reach it all the same, from another network.";

/** The system's reasons for no connection. */
const UNREACHED = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT)\b/;

function hintFor({ answer, reason }: End, { tls, user }: BrokerAddress): string {
  if (NOT_THIS_USER.includes(answer))
    return user === undefined
      ? "The site file gives it no user: set user and password_file in [[brokers]]."
      : "Look at user and password_file in [[brokers]], and at what the broker lets this user do.";
  if (answer === RETAIN_NOT_SUPPORTED) return RETAIN_HINT;
  if (answer === "none" || answer === "garbled")
    return tls
      ? "Is the port one of MQTT over TLS? The broker's log may say why."
      : "Is the port one of MQTT without TLS? certificate_file makes boards use TLS. The broker's log may say why.";
  if (tls && /certificate|self-signed|altname|ssl|tls/i.test(reason))
    return "certificate_file is to be the broker's own certificate, or that of the authority which signed it.";
  return UNREACHED.test(reason) ? ELSEWHERE : "The broker's log may say more.";
}
