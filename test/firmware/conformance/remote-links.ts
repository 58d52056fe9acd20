import type { LinkHandler } from "../../../agent/ports/link.js";
import { BoardClock } from "../../../firmware/ports/clock.js";
import { MqttLink } from "../../../firmware/ports/link.js";
import { TcpTransport } from "../../../firmware/ports/tcp.js";
import { readWhole } from "../../../firmware/sim/files.js";
import { bytesOfHex } from "./hex.js";
import type { LinkCommand, LinksRun } from "./link-command.js";

/** Milliseconds between two looks at the file of commands. */
const LOOK = 5;

/** Links that a test in another process holds: does what it writes, line by line, and says what comes. */
export class RemoteLinks {
  readonly #port: number;
  readonly #clock = new BoardClock();
  readonly #links: MqttLink[] = [];
  #done = 0;

  constructor({ port }: LinksRun) {
    this.#port = port;
    say({ type: "ready", name: this.#link(0).name });
    this.#look();
  }

  #link(number: number): MqttLink {
    const broker = { host: "127.0.0.1", port: this.#port, user: "board", password: "secret" };
    for (let i = this.#links.length; i <= number; i++) {
      const presence = { topic: `links/${i}`, offline: "offline" };
      this.#links.push(new MqttLink(broker, `link-${i}`, new TcpTransport([]), presence));
    }
    return this.#links[number] as MqttLink;
  }

  #look(): void {
    const written = readWhole("commands.jsonl");
    const lines = written === undefined ? [] : String.fromArrayBuffer(written.slice().buffer).split("\n");
    // The last is empty, or not whole yet.
    for (; this.#done < lines.length - 1; this.#done++)
      this.#do(JSON.parse(lines[this.#done] as string) as LinkCommand);
    this.#clock.setTimer(() => this.#look(), LOOK);
  }

  #do(command: LinkCommand): void {
    const link = this.#link(command.link);
    if (command.type === "open") link.open(new Teller(command.open));
    else if (command.type === "close") {
      link.close();
      say({ type: "link", what: "close-done", link: command.link });
    } else link.publish(command.id, command.topic, bytesOfHex(command.payload), false);
  }
}

class Teller implements LinkHandler {
  readonly #open: number;

  constructor(open: number) {
    this.#open = open;
  }

  opened(): void {
    say({ type: "link", what: "opened", open: this.#open });
  }

  acknowledged(id: number): void {
    say({ type: "link", what: "acknowledged", open: this.#open, id });
  }

  refused(id: number, reason: string): void {
    say({ type: "link", what: "refused", open: this.#open, id, reason });
  }

  closed(reason: string): void {
    say({ type: "link", what: "closed", open: this.#open, reason });
  }
}

function say(event: object): void {
  trace(`${JSON.stringify(event)}\n`);
}
