import { connect, type MqttClient } from "mqtt";
import { commandTopic, eventTopic, statusTopic } from "../../agent/frame/topic.js";
import { type Answer, isVersionDoubtful } from "../../agent/uplink/terms.js";
import { type BrokerAddress, mqttOptions, nameOf } from "../mqtt/broker-address.js";
import { answerOf, reasonOf, reasonText } from "../mqtt/client.js";
import { passOverLong } from "../mqtt/long-publications.js";

/** What a broker keeps of a board. */
export interface Retained {
  readonly status?: Buffer;
  readonly event?: Buffer;
  readonly command?: Buffer;
}

type Kind = keyof Retained;
const KINDS = ["status", "event", "command"] as const;

export interface OrderSessionInit {
  readonly broker: BrokerAddress;
  readonly network: string;
  readonly device: string;
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined;
  /** What comes after that which was retained. */
  readonly received: (kind: Kind, payload: Buffer) => void;
}

/** Milliseconds that a broker may take to answer. */
const ANSWER = 10_000;
/** Milliseconds in which a broker says what it keeps. */
const RETAINED = 1000;

/** Why there is no session, or none any more. */
export class BrokerError extends Error {
  constructor(
    reason: string,
    readonly answer?: Answer,
  ) {
    super(reason);
  }
}

/**
 * An owner's session with one broker, of one board: what is retained, what comes, what is published. Each way in which it may end is an
 * error with a reason: BrokerError.
 */
export class OrderSession {
  readonly name: string;
  /** Topics that the broker does not let this user read. */
  readonly unreadable: string[] = [];
  retained: Retained = {};
  /** Whether the broker keeps messages for those who come later; MQTT 3.1.1 cannot say that it does not. */
  readonly retains: boolean;
  /** Rejects when the session ends without `end`. */
  readonly over: Promise<never>;
  readonly #client: MqttClient;
  readonly #init: OrderSessionInit;
  readonly #topics: Readonly<Record<Kind, string>>;
  #isListening = false;
  #heard = () => {};

  private constructor(client: MqttClient, init: OrderSessionInit, over: Promise<never>, retains: boolean) {
    this.name = nameOf(init.broker);
    this.over = over;
    this.retains = retains;
    this.#client = client;
    this.#init = init;
    this.#topics = topicsOf(init);
    client.on("message", (topic, payload) => {
      const kind = KINDS.find((other) => this.#topics[other] === topic);
      if (kind !== undefined) this.received(kind, payload);
    });
  }

  /** In MQTT 5, in which brokers say why they refuse, or in what the broker knows. */
  static async open(init: OrderSessionInit): Promise<OrderSession> {
    try {
      return await OrderSession.openIn(5, init);
    } catch (error) {
      if (!isVersionDoubtful((error as BrokerError).answer)) throw error;
      return await OrderSession.openIn(4, init);
    }
  }

  private static openIn(protocolVersion: 4 | 5, init: OrderSessionInit): Promise<OrderSession> {
    const client = connect({
      ...mqttOptions(init.broker),
      protocolVersion,
      reconnectPeriod: 0,
      resubscribe: false,
      connectTimeout: ANSWER,
      manualConnect: true,
    });
    // Anybody may write to these topics, and have it retained; nothing of a board's or an owner's is as long.
    const topics = Object.values(topicsOf(init));
    passOverLong(client, { topics, isMqtt5: protocolVersion === 5, passedOver() {} });
    client.connect();
    const abort = () => client.end(true);
    if (init.signal?.aborted) abort();
    init.signal?.addEventListener("abort", abort);
    let isOpen = false;
    let why: BrokerError | undefined;
    client.on("error", (error) => {
      why = new BrokerError(reasonOf(error), answerOf(error));
    });
    client.on("disconnect", ({ reasonCode = 0, properties }) => {
      const words = reasonText(reasonCode, properties?.reasonString);
      why = new BrokerError(`the broker ended the connection: ${words}`);
    });
    const over = new Promise<never>((_, reject) => {
      client.once("close", () =>
        reject(
          why ??
            (isOpen
              ? new BrokerError("the broker ended the connection, and did not say why")
              : new BrokerError("the broker closed the connection before it took the session", "none")),
        ),
      );
    });
    over.catch(() => {}); // whoever waits hears of it
    const opened = new Promise<OrderSession>((resolve) => {
      client.once("connect", ({ properties }) => {
        isOpen = true;
        resolve(new OrderSession(client, init, over, properties?.retainAvailable !== false));
      });
    });
    return Promise.race([opened, over]);
  }

  /** Subscribes, and waits for what is retained. */
  async listen(): Promise<void> {
    for (const kind of KINDS)
      try {
        await this.answered(this.#client.subscribeAsync(this.#topics[kind], { qos: 1 }));
      } catch (error) {
        if (!(error instanceof BrokerError) && this.#client.connected) this.unreadable.push(kind);
        else throw error;
      }
    await this.wait();
    this.#isListening = true;
  }

  /** What is retained for the board's orders now. */
  async look(): Promise<Buffer | undefined> {
    this.#isListening = false;
    const { command: _, ...others } = this.retained;
    this.retained = others;
    await this.answered(this.#client.unsubscribeAsync(this.#topics.command));
    await this.answered(this.#client.subscribeAsync(this.#topics.command, { qos: 1 }));
    await this.wait();
    this.#isListening = true;
    return this.retained.command;
  }

  /** To the board's command topic; nothing clears it. Throws BrokerError where the broker says that it refuses. */
  async publish(order: Uint8Array): Promise<void> {
    const options = { qos: 1, retain: this.retains } as const;
    try {
      await this.answered(this.#client.publishAsync(this.#topics.command, Buffer.from(order), options));
    } catch (error) {
      if (error instanceof BrokerError) throw error;
      const { code = 0 } = error as { code?: number };
      throw new BrokerError(`the broker refused the order: ${reasonText(code)}`);
    }
  }

  async end(): Promise<void> {
    // A broker that does not answer any more must not keep this process.
    await Promise.race([this.#client.endAsync(), new Promise((resolve) => setTimeout(resolve, RETAINED))]);
    this.#client.end(true);
  }

  /** Until all three topics have said something, or no more is to be expected. */
  private async wait(): Promise<void> {
    const isAll = new Promise<void>((resolve) => {
      this.#heard = () => KINDS.every((kind) => this.retained[kind] !== undefined) && resolve();
    });
    await this.within(RETAINED, isAll, () => {});
  }

  private received(kind: Kind, payload: Buffer): void {
    if (this.#isListening) {
      this.#init.received(kind, payload);
      return;
    }
    this.retained = { ...this.retained, [kind]: payload };
    this.#heard();
  }

  private answered<T>(answer: Promise<T>): Promise<T> {
    answer.catch(() => {}); // the session may end first
    return this.within(ANSWER, answer, () => {
      throw new BrokerError(`the broker did not answer within ${ANSWER / 1000} s`);
    });
  }

  private async within<T>(milliseconds: number, promise: Promise<T>, otherwise: () => T): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => {
        try {
          resolve(otherwise());
        } catch (error) {
          reject(error);
        }
      }, milliseconds);
    });
    try {
      return await Promise.race([promise, late, this.over]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const topicsOf = ({ network, device }: OrderSessionInit): Record<Kind, string> => ({
  status: statusTopic(network, device),
  event: eventTopic(network, device),
  command: commandTopic(network, device),
});
