import type { Link, LinkHandler } from "../../../../agent/ports/link.js";
import { FromBoard } from "../messages.js";
import { host } from "./host.js";
import type { Names } from "./names.js";

/** A broker that Node is connected to. */
export class HostLink implements Link {
  #handler: LinkHandler | undefined;
  readonly #index: number;
  readonly #topics: Names;

  /** `topics`: of all links of the board. */
  constructor(
    index: number,
    readonly name: string,
    topics: Names,
  ) {
    this.#index = index;
    this.#topics = topics;
  }

  open(handler: LinkHandler): void {
    this.#handler = handler;
    host.send(FromBoard.linkOpen, this.#index);
  }

  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    const how = 2 * this.#topics.number(topic) + (retain ? 1 : 0);
    host.send(FromBoard.linkPublish, id, this.#index, how, payload);
  }

  close(): void {
    if (this.#handler === undefined) return;
    this.#handler = undefined;
    host.send(FromBoard.linkClose, this.#index);
  }

  opened(): void {
    this.#handler?.opened();
  }

  acknowledged(id: number): void {
    this.#handler?.acknowledged(id);
  }

  refused(id: number, reason: string): void {
    this.#handler?.refused(id, reason);
  }

  closed(reason: string): void {
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.closed(reason);
  }
}
