import { createSocket } from "node:dgram";
import { type Answer, encode } from "dns-packet";
import multicastDns, { type MulticastDNS } from "multicast-dns";

export interface Service {
  readonly name: string;
  readonly type?: string;
  readonly host?: string;
  readonly address?: string;
  readonly port?: number;
  readonly texts?: readonly string[];
}

const GROUP = "224.0.0.251";
export const LOOPBACK = "127.0.0.1";

/** A UDP port that nobody has. */
export function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  return new Promise((resolve) =>
    socket.bind(0, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    }),
  );
}

/** The records of a service (RFC 6763 §4), the pointer first. */
export function recordsOf({
  name,
  type = "_mqtt._tcp",
  host = "broker.local",
  address = "192.0.2.7",
  port = 1883,
  texts = [],
}: Service): Answer[] {
  const own = `${name}.${type}.local`;
  return [
    { type: "PTR", name: `${type}.local`, data: own, ttl: 4500 },
    { type: "SRV", name: own, data: { target: host, port }, ttl: 120 },
    { type: "TXT", name: own, data: [...texts], ttl: 4500 },
    { type: "A", name: host, data: address, ttl: 120 },
  ];
}

/** A link of its own on the loopback interface, with a responder that answers each query. */
export class Responder {
  readonly queries: string[][] = [];
  readonly #mdns: MulticastDNS;
  readonly #port: number;
  #isOver = false;

  constructor(port: number) {
    this.#port = port;
    this.#mdns = multicastDns({ port, interface: LOOPBACK, bind: "0.0.0.0" });
    this.#mdns.on("query", ({ questions = [] }) =>
      this.queries.push(questions.map(({ type, name }) => `${type} ${name}`)),
    );
  }

  ready(): Promise<void> {
    return new Promise((resolve) => this.#mdns.once("ready", resolve));
  }

  /** Answers what is asked for: with `hasAdditionals` all that belongs to it, else only that. */
  serve(services: readonly Service[], hasAdditionals = true): void {
    this.#mdns.on("query", ({ questions = [] }) => {
      for (const service of services) {
        const records = recordsOf(service);
        const isAsked = ({ type, name }: Answer) =>
          questions.some((question) => question.type === type && question.name === name);
        const answers = records.filter(isAsked);
        if (answers.length > 0) this.say(hasAdditionals ? records : answers);
      }
    });
  }

  /** Resolves when there were more queries than `count`. */
  async asked(count: number): Promise<void> {
    while (!this.#isOver && this.queries.length <= count)
      await new Promise((resolve) => setTimeout(resolve, 1));
  }

  say(answers: readonly Answer[]): void {
    this.#mdns.respond([...answers]);
  }

  /** Bytes as they are; `from` a port of its own where it says so. */
  async sendBytes(bytes: Uint8Array, isStranger = false): Promise<void> {
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    await new Promise<void>((resolve) => socket.bind(isStranger ? 0 : this.#port, "0.0.0.0", resolve));
    socket.setMulticastInterface(LOOPBACK);
    await new Promise<void>((resolve, reject) =>
      socket.send(bytes, this.#port, GROUP, (error) => (error ? reject(error) : resolve())),
    );
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  close(): Promise<void> {
    this.#isOver = true;
    return new Promise((resolve) => this.#mdns.destroy(resolve));
  }
}

export function response(answers: readonly Answer[]): Uint8Array {
  return encode({ type: "response", answers: [...answers] });
}
