/**
 * A script for boards on XS whose links Node uses: each message is one call of a link, and what a
 * link tells its handler is one answer.
 */
import type { LinkHandler } from "../../../../agent/ports/link.js";
import { host } from "../../../../host-sim/engines/xs/board/host.js";
import { HostLink } from "../../../../host-sim/engines/xs/board/link.js";
import { Names } from "../../../../host-sim/engines/xs/board/names.js";
import { type Receiver, runBoards } from "../../../../host-sim/engines/xs/board/run.js";
import { ascii, text } from "../../../../host-sim/engines/xs/board/text.js";
import { FromBoard, ToBoard } from "../../../../host-sim/engines/xs/messages.js";
import { Ask, type LinkScript, Told } from "./link-kinds.js";

class Handler implements LinkHandler {
  readonly #number: number;

  constructor(number: number) {
    this.#number = number;
  }

  opened(): void {
    host.send(Told.opened, this.#number);
  }

  acknowledged(id: number): void {
    host.send(Told.acknowledged, this.#number, id);
  }

  refused(id: number, reason: string): void {
    host.send(Told.refused, this.#number, id, ascii(reason));
  }

  closed(reason: string): void {
    host.send(Told.closed, this.#number, ascii(reason));
  }
}

class LinkBoard implements Receiver {
  readonly #links: readonly HostLink[];
  readonly #topic: string;

  constructor({ links, topic }: LinkScript) {
    const topics = new Names(FromBoard.topic);
    this.#links = links.map((name, index) => new HostLink(index, name, topics));
    this.#topic = topic;
  }

  receive(kind: number, id: number, bytes = new Uint8Array(0)): void {
    const link = this.#links[
      kind === ToBoard.linkAcknowledged || kind === ToBoard.linkRefused ? (bytes[0] as number) : id
    ] as HostLink;
    if (kind === Ask.open) link.open(new Handler(host.double(bytes, 0)));
    else if (kind === Ask.publish) link.publish(host.double(bytes, 0), this.#topic, bytes.subarray(8), false);
    else if (kind === Ask.close) link.close();
    else if (kind === ToBoard.linkOpened) link.opened();
    else if (kind === ToBoard.linkAcknowledged) link.acknowledged(id);
    else if (kind === ToBoard.linkRefused) link.refused(id, text(bytes.subarray(1)));
    else if (kind === ToBoard.linkClosed) link.closed(text(bytes));
  }
}

runBoards((config) => new LinkBoard(JSON.parse(text(config)) as LinkScript));
