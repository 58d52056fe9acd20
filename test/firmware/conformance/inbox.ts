import { hex } from "../../../agent/cose/kid.js";
import type { LinkHandler } from "../../../agent/ports/link.js";
import type { Inbox as LinkInbox } from "../../../agent/settings/broker.js";
import { MqttLink } from "../../../firmware/ports/link.js";
import { TcpTransport } from "../../../firmware/ports/tcp.js";

/** What test/firmware/inbox.test.ts writes into inbox.json. */
export interface InboxRun {
  readonly port: number;
  readonly topic: string;
}

/** A link to a broker on this machine that subscribes; says on the console what comes, and opens again when its session ends. */
export class Inbox implements LinkHandler, LinkInbox {
  readonly topics: readonly string[];
  readonly #link: MqttLink;

  constructor({ port, topic }: InboxRun) {
    this.topics = [topic];
    const broker = { host: "127.0.0.1", port };
    const presence = { topic: "inbox/status", offline: "offline" };
    this.#link = new MqttLink(broker, "inbox", new TcpTransport([]), presence, this);
    this.#link.open(this);
  }

  received(payload: Uint8Array): void {
    say({ type: "received", payload: hex(payload) });
  }

  passedOver(bytes: number): void {
    say({ type: "passed-over", bytes });
  }

  opened(): void {
    say({ type: "link-opened" });
    // So that it goes both ways at the same time.
    for (let id = 0; id < 5; id++) this.#link.publish(id, "inbox/sent", new Uint8Array(4000).fill(id), false);
  }

  acknowledged(id: number): void {
    say({ type: "acknowledged", id });
  }

  refused(): void {} // MQTT 3.1.1 cannot

  closed(reason: string): void {
    say({ type: "link-closed", reason });
    this.#link.open(this);
  }
}

function say(event: object): void {
  trace(`${JSON.stringify(event)}\n`);
}
