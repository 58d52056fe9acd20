import { get as httpGet, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, test } from "@jest/globals";
import { EventHub } from "../../../node/http/events.js";
import { LIMITS, type Limits } from "../../../node/http/limits.js";
import { type HttpServer, openHttp } from "../../../node/http/server.js";
import type { MemoryView } from "../../support/memory-view.js";
import { KID, kept, START, viewOf } from "./harness.js";

const open: HttpServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(view: MemoryView, limits: Partial<Limits> = {}): Promise<HttpServer> {
  const server = await openHttp({ view, port: 0, limits });
  open.push(server);
  return server;
}

const listen = ({ address }: HttpServer, query = "") =>
  new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(`${address}/v1/events${query}`, resolve).on("error", reject);
  });

/** What comes until `ends` says that it is enough. */
async function read(
  stream: AsyncIterable<Buffer | string>,
  ends: (text: string) => boolean,
): Promise<string> {
  let text = "";
  for await (const piece of stream) {
    text += piece;
    if (ends(text)) break;
  }
  return text;
}

const rejection = (topic: string) => ({
  type: "rejection" as const,
  rejection: {
    number: 1,
    verdict: "malformed" as const,
    received: START,
    broker: "mqtt://one",
    topic,
    bytes: Uint8Array.of(1),
  },
});

/** The `data` of the first event of this kind, by the rules of the HTML standard. */
function eventOf(text: string, type: string): Record<string, unknown> {
  const blocks = text.split("\n\n").map((block) => block.split("\n"));
  const found = blocks.find((lines) => lines.includes(`event: ${type}`));
  const data = found?.filter((line) => line.startsWith("data: ")) ?? [];
  expect(data.length).toBe(1);
  return JSON.parse(data[0]?.slice(6) as string);
}

describe("events over HTTP", () => {
  test("come as they happen, one line each, and the view is let go at the end", async () => {
    const view = viewOf(0);
    const server = await serve(view);
    const response = await listen(server);
    expect(response.headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    });
    expect(view.listeners.size).toBe(1);
    view.emit({ type: "frame", frame: kept({ sequence: 5 }) });
    view.emit(rejection("a\nevent: frame\r\ndata: {}\n\n"));
    const text = await read(response, (so) => so.includes("event: rejection") && so.endsWith("\n\n"));
    expect(text.startsWith("retry: 5000\n\n")).toBe(true);
    expect(eventOf(text, "frame")).toMatchObject({ kid: KID, boot: 1, sequence: 5, verdict: "ok" });
    expect(eventOf(text, "rejection")).toMatchObject({ topic: "a\nevent: frame\r\ndata: {}\n\n" });
    response.destroy();
    while (view.listeners.size > 0) await new Promise(setImmediate);
  });

  test("have comments between them that keep the connection open", async () => {
    const response = await listen(await serve(viewOf(0), { heartbeat: 5 }));
    const text = await read(response, (so) => so.split("\n\n").length > 4);
    expect(text).toMatch(/^retry: 5000\n\n(:\n\n)+$/);
    response.destroy();
  });

  test("of one device leave the others' out", async () => {
    const view = viewOf(0);
    const response = await listen(await serve(view), `?device=${KID}`);
    view.emit({ type: "frame", frame: kept({ sequence: 1 }, undefined, { kid: "0000000000000000" }) });
    view.emit(rejection("t"));
    view.emit({ type: "frame", frame: kept({ sequence: 2 }) });
    const text = await read(response, (so) => so.includes("event: ") && so.endsWith("\n\n"));
    expect(text.match(/event: \w+/g)).toEqual(["event: frame"]);
    expect(eventOf(text, "frame")).toMatchObject({ sequence: 2 });
    response.destroy();
  });

  test("are for so many at a time", async () => {
    const server = await serve(viewOf(0), { listenersEach: 2 });
    const listening = [await listen(server), await listen(server)];
    const third = await listen(server);
    expect([third.statusCode, third.headers["retry-after"]]).toEqual([503, "30"]);
    third.resume();
    for (const response of listening) response.destroy();
    for (let status = 0; status !== 200; ) {
      const next = await listen(server);
      status = next.statusCode as number;
      next.destroy();
    }
  });

  test("end with the server", async () => {
    const server = await serve(viewOf(0));
    const response = await listen(server);
    const ended = new Promise((resolve) => response.on("close", resolve).on("error", () => {}));
    response.resume();
    await server.close();
    await ended;
  });

  test("are not kept for who reads too slowly, and others go on", async () => {
    const view = viewOf(0);
    const server = await serve(view, { backlog: 400_000 });
    const [slow, quick] = [await listen(server), await listen(server)];
    slow.on("error", () => {});
    slow.socket.pause();
    let bytes = 0;
    quick.on("data", (piece: Buffer) => (bytes += piece.length));
    const event = { type: "frame", frame: kept() } as const;
    const metrics = async () => (await fetch(`${server.address}/metrics`)).text();
    for (;;) {
      for (let count = 0; count < 200; count++) view.emit(event);
      await new Promise(setImmediate);
      const text = await metrics();
      if (text.includes("\nfieldmark_event_listeners 1\n")) {
        expect(text).toContain("\nfieldmark_event_listeners_dropped_total 1\n");
        break;
      }
    }
    const before = bytes;
    view.emit(event);
    while (bytes === before) await new Promise(setImmediate);
    quick.destroy();
    slow.destroy();
  });
});

describe("the hub", () => {
  test("holds no more for one listener than it may", () => {
    const view = viewOf(0);
    const hub = new EventHub(view, { ...LIMITS, backlog: 5000 }, () => {});
    const stream = hub.open("a", undefined);
    for (let count = 0; count < 100; count++) view.emit({ type: "frame", frame: kept() });
    expect([stream.destroyed, hub.listeners, hub.dropped]).toEqual([true, 0, 1]);
    expect(stream.readableLength).toBeLessThan(7000);
    hub.close();
  });

  test("lets nothing that fails here reach the witness", () => {
    const view = viewOf(0);
    const errors: unknown[] = [];
    const hub = new EventHub(view, LIMITS, (error) => errors.push(error));
    const stream = hub.open("a", undefined);
    view.emit({ type: "frame", frame: kept({}, undefined, { bytes: new Uint8Array(3) }) });
    expect(errors.length).toBe(1);
    view.emit({ type: "frame", frame: kept() });
    expect(String(stream.read())).toContain("event: frame");
    hub.close();
  });
});
