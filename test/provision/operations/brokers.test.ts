import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { connect, type MqttClient } from "mqtt";
import { BROKER_AWAY, BROKER_OPEN, BROKER_TAKES } from "../../../agent/uplink/session.js";
import type { BoardClient } from "../../../provision/board-client.js";
import type { BrokerState, OperationEvent } from "../../../provision/events.js";
import { checkBrokers } from "../../../provision/operations/brokers.js";
import { temporaryFolder } from "../../support/cli.js";
import { freePort, type Mosquitto, startMosquitto } from "../../support/mosquitto.js";
import { outcomeOf } from "../support/firmware.js";
import { commissionBoard, NETWORK, PROVISIONING, plug } from "../support/plugged-board.js";

const folder = temporaryFolder();
let open: Mosquitto;
let guarded: Mosquitto;
let listener: MqttClient;
let nobody = 0;

beforeAll(async () => {
  open = await startMosquitto();
  const passwords = join(folder, "passwords");
  expect(spawnSync("mosquitto_passwd", ["-c", "-b", passwords, "field", "right"]).status).toBe(0);
  guarded = await startMosquitto({ config: { allow_anonymous: false, password_file: passwords } });
  nobody = await freePort();
  listener = connect(open.url);
  await new Promise<void>((resolve) => listener.subscribe("#", () => resolve()));
});

afterAll(async () => {
  listener.end(true);
  await open.stop();
  await guarded.stop();
});

interface Broker {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: string;
}

const at = ({ port }: { port: number }): Broker => ({ host: "127.0.0.1", port });

/**
 * A board that has its firmware goes through the whole commission; `registered`: whether it came so
 * far as to be enrolled.
 */
async function day(brokers: readonly Broker[], copies = 1) {
  const { board, wire } = plug({ blank: false });
  let registered = false;
  const settings = { network: NETWORK, brokers, copies };
  const outcome = await outcomeOf(
    commissionBoard(wire, {
      provisioning: { ...PROVISIONING, settings },
      patience: { brokers: 60_000 },
      register: async () => {
        registered = true;
      },
    }),
  );
  board.stop();
  return { ...outcome, registered };
}

const lastStates = (events: readonly OperationEvent[]): readonly BrokerState[] =>
  events.flatMap((event) => (event.type === "brokers" ? [event.brokers] : [])).at(-1) ?? [];
const notes = (events: readonly OperationEvent[]) =>
  events.flatMap((event) => (event.type === "note" ? [event.message] : []));

describe("before a board is enrolled, it is asked whether its brokers take it", () => {
  test("one that acknowledges frames does", async () => {
    const { events, error, result, registered } = await day([at(open)]);
    expect(error).toBeUndefined();
    expect(lastStates(events)).toEqual([
      { name: `mqtt://127.0.0.1:${open.port}`, standing: "takes", reason: "" },
    ]);
    expect(result).toMatchObject({ receipt: 1 });
    expect(registered).toBe(true);
  });

  test("one that refuses its password does not, and the broker's reason is told", async () => {
    const given = { ...at(guarded), user: "field", password: "wrong-password" };
    const { error, registered, events } = await day([given]);
    expect(error).toMatchObject({ step: "brokers", code: "no-broker" });
    expect(error?.message).toContain(
      `0 of 1 brokers take the board's frames; mqtt://127.0.0.1:${guarded.port}: `,
    );
    expect(error?.message).toMatch(/not authorized|bad user name/i);
    expect(registered).toBe(false);
    expect(`${error?.message}${error?.hint}${JSON.stringify(events)}`).not.toContain("wrong-password");
  });

  test("one of two that is not there makes it incomplete, and only that one is named", async () => {
    const { error, registered } = await day([at(open), at({ port: nobody })], 2);
    expect(error?.message).toContain(`1 of 2 brokers take the board's frames; mqtt://127.0.0.1:${nobody}: `);
    expect(error?.message).not.toContain(String(open.port));
    expect(registered).toBe(false);
  });

  test("where another one does the work of one that is away, that is noted and no more", async () => {
    const { error, registered, events } = await day([at(open), at({ port: nobody })], 1);
    expect(error).toBeUndefined();
    expect(registered).toBe(true);
    for (const note of notes(events)) expect(note).toContain(`${nobody} does not take the board: `);
  });

  test("one where nobody listens yet takes it, which is noted", async () => {
    const quiet = await startMosquitto();
    const { error, registered, events } = await day([at(quiet)]);
    await quiet.stop();
    expect(error).toBeUndefined();
    expect(registered).toBe(true);
    expect(notes(events)).toContain(
      `mqtt://127.0.0.1:${quiet.port} takes the board, and nobody listens there for its frames yet`,
    );
  });
});

describe("the board is asked", () => {
  const AWAY = { name: "mqtt://a:1883", standing: BROKER_AWAY, reason: "connection refused" };
  const OPEN = { name: "mqtt://a:1883", standing: BROKER_OPEN, reason: "" };
  const TAKES = { name: "mqtt://a:1883", standing: BROKER_TAKES, reason: "" };
  let calls: string[];
  let link: typeof AWAY;
  let isOnline: boolean;
  const client = {
    state: async () => ({ state: isOnline ? "provisioned" : "provisioning" }),
    journal: async () => ({ brokers: [], uplink: { copies: 1, links: [link] } }),
    reading: async () => void calls.push("reading"),
    restart: async () => void calls.push("restart"),
    setClock: async (unix: number) => calls.push(`clock ${unix}`),
  } as unknown as BoardClient;

  beforeEach(() => {
    jest.useFakeTimers();
    calls = [];
    link = AWAY;
    isOnline = true;
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** What comes of it within `seconds`. */
  async function within(seconds: number, options: Parameters<typeof checkBrokers>[1]) {
    let outcome: Awaited<ReturnType<typeof outcomeOf<boolean>>> | undefined;
    void outcomeOf(checkBrokers(client, options)).then((it) => {
      outcome = it;
    });
    await jest.advanceTimersByTimeAsync(1000 * seconds);
    return outcome;
  }

  test("for a short time only, where each broker has said why it does not take it", async () => {
    const outcome = await within(7, { offline: "fails", brokers: 600_000 });
    expect(outcome?.error).toMatchObject({ code: "no-broker" });
    expect(outcome?.error?.message).toContain("mqtt://a:1883: connection refused");
    expect(calls).toEqual([]);
  });

  test("for a reading where a broker has a session and got no frame", async () => {
    link = OPEN;
    expect(await within(1, { offline: "fails", brokers: 600_000 })).toBeUndefined();
    expect(calls).toEqual(["reading"]);
  });

  test("nothing where it is in no network, which fails, or is noted", async () => {
    isOnline = false;
    const { error } = (await within(21, { offline: "fails" })) ?? {};
    expect(error).toMatchObject({ code: "no-broker", message: expect.stringContaining("no network") });
    const noted = await within(21, { offline: "noted" });
    expect(noted).toMatchObject({ result: false });
    expect(notes(noted?.events ?? [])).toEqual([expect.stringContaining("no network")]);
  });

  test("again: it starts again once, so that it asks its brokers now", async () => {
    const outcome = await within(7, { offline: "fails", brokers: 600_000, again: () => 5 });
    expect(outcome?.error).toMatchObject({ code: "no-broker" });
    expect(calls).toEqual(["restart", "clock 5"]);
  });

  test("again: it does not where its brokers take it", async () => {
    link = TAKES;
    expect(await within(1, { offline: "fails", again: () => 5 })).toMatchObject({ result: true });
    expect(calls).toEqual([]);
  });
});
