import type { Link, LinkHandler } from "../../../agent/ports/link.js";

/** What a link does otherwise than it should. */
export interface Meddling {
  /** A frame that was sent is not sent again, over this link, in this boot. */
  readonly neverAgain?: boolean;
  /** An acknowledgement counts even where it says that nobody gets the message. */
  readonly believesAll?: boolean;
  /** Each frame is sent twice. */
  readonly stutters?: boolean;
}

/** A link with faults of its own. */
export class MeddlingLink implements Link, LinkHandler {
  readonly name: string;
  readonly #link: Link;
  readonly #meddling: Meddling;
  readonly #sent = new Set<number>();
  #handler: LinkHandler | undefined;

  constructor(link: Link, meddling: Meddling) {
    this.name = link.name;
    this.#link = link;
    this.#meddling = meddling;
  }

  open(handler: LinkHandler): void {
    this.#handler = handler;
    this.#link.open(this);
  }

  publish(id: number, topic: string, payload: Uint8Array, retain: boolean): void {
    if (this.#meddling.neverAgain === true && !retain && this.#sent.has(id)) return;
    this.#sent.add(id);
    this.#link.publish(id, topic, payload, retain);
    if (this.#meddling.stutters === true && !retain) this.#link.publish(id, topic, payload, retain);
  }

  close(): void {
    this.#link.close();
  }

  opened(): void {
    this.#handler?.opened();
  }

  acknowledged(id: number): void {
    this.#handler?.acknowledged(id);
  }

  refused(id: number, reason: string): void {
    if (this.#meddling.believesAll === true) this.#handler?.acknowledged(id);
    else this.#handler?.refused(id, reason);
  }

  closed(reason: string): void {
    this.#handler?.closed(reason);
  }
}
