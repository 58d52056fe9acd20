import type { Link, LinkHandler } from "../../../agent/ports/link.js";
import { FromBoard } from "../messages.js";
import { host } from "./host.js";
import { ascii } from "./text.js";

/** A broker that Node is connected to. */
export class HostLink implements Link {
  #handler: LinkHandler | undefined;
  #topic = "";
  readonly #index: number;

  constructor(
    index: number,
    readonly name: string,
  ) {
    this.#index = index;
  }

  open(handler: LinkHandler): void {
    this.#handler = handler;
    host.send(FromBoard.linkOpen, this.#index);
  }

  publish(id: number, topic: string, payload: Uint8Array): void {
    // An agent has one topic: it is said once.
    if (topic !== this.#topic) host.send(FromBoard.topic, 0, ascii(topic));
    this.#topic = topic;
    host.send(FromBoard.linkPublish, id, this.#index, payload);
  }

  close(): void {
    if (this.#handler === undefined) return;
    this.#handler = undefined;
    host.send(FromBoard.linkClose, this.#index);
  }

  opened(): void {
    this.#handler?.opened();
  }

  acknowledged(id: number, kept: boolean): void {
    this.#handler?.acknowledged(id, kept);
  }

  closed(reason: string): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.closed(reason);
  }
}
