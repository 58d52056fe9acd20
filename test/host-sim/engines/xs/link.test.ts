import { beforeAll } from "@jest/globals";
import type { Link, LinkHandler } from "../../../../agent/ports/link.js";
import type { BoardInit } from "../../../../host-sim/engines/v8-board.js";
import type { XsSync } from "../../../../host-sim/engines/xs/sync.js";
import { XsBoard } from "../../../../host-sim/engines/xs/xs-board.js";
import { MemoryBroker } from "../../../../host-sim/fleet/memory-link.js";
import { createMemoryFlash } from "../../../../node/ports/flash.js";
import { createMemoryKeyValue } from "../../../../node/ports/key-value.js";
import { describeLink, TOPIC } from "../../../conformance/link.js";
import { VirtualClock } from "../../../support/virtual-clock.js";
import { Ask, Told } from "./link-kinds.js";
import { bundleScript, COMPILE_TIMEOUT, CREATION, KEY, startSync, xsHost } from "./xs-host.js";

/** More than the suite asks for. */
const LINKS = 16;
/** Ten minutes. */
const TURNS = 60_000;
let sync: XsSync;

beforeAll(async () => {
  sync = startSync(await xsHost(), await bundleScript("test/host-sim/engines/xs/link-script.ts"));
}, COMPILE_TIMEOUT);

const double = (value: number) => Buffer.from(Float64Array.of(value).buffer);

describeLink("of a board on XS, in memory", async () => {
  const clock = new VirtualClock();
  const broker = new MemoryBroker("broker", clock);
  broker.latency = 100;
  const got: { topic: string; payload: Uint8Array }[] = [];
  broker.subscribe((payload, topic) => got.push({ topic, payload: Uint8Array.from(payload) }));
  const handlers: LinkHandler[] = [];
  const own = {
    sent(kind: number, id: number, bytes: Buffer): void {
      const handler = handlers[id] as LinkHandler;
      if (kind === Told.opened) handler.opened();
      if (kind === Told.acknowledged) handler.acknowledged(bytes.readDoubleLE());
      if (kind === Told.refused) handler.refused(bytes.readDoubleLE(), bytes.toString("latin1", 8));
      if (kind === Told.closed) handler.closed(bytes.toString("latin1"));
    },
    call: () => new Uint8Array(0),
  };
  const init: BoardInit = {
    privateKey: KEY,
    store: createMemoryKeyValue(),
    flash: createMemoryFlash({ size: 4096, sectorBytes: 2048, programBytes: 1 }),
    isFlashKept: false,
    clock,
    links: Array.from({ length: LINKS }, () => broker.link()),
    sensors: [],
    observe() {},
    ended(reason) {
      throw new Error(`the board ended: ${reason}`);
    },
  };
  const script = { links: init.links.map(() => broker.name), topic: TOPIC };
  const board = new XsBoard(sync, 1, { ...CREATION, slots: 4096 }, init, script, { own });
  let links = 0;
  return {
    link(): Link {
      const link = links++;
      return {
        name: script.links[link] as string,
        open: (handler) => board.deliver(Ask.open, link, double(handlers.push(handler) - 1)),
        publish: (id, _topic, payload) =>
          board.deliver(Ask.publish, link, Buffer.concat([double(id), payload])),
        close: () => board.deliver(Ask.close, link),
      };
    },
    got,
    kill: async () => broker.kill(),
    restart: async () => broker.restart(),
    async until(isSo) {
      for (let turns = 0; !isSo(); turns++) {
        if (turns === TURNS) throw new Error("it did not come");
        clock.advance(10);
      }
    },
    pass: async () => clock.advance(10_000),
    close: async () => {},
  };
});
