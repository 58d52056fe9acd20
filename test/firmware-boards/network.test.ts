import { beforeEach, describe, expect, test } from "@jest/globals";
import { CLOCK_KEPT, CLOCK_SET, CLOCK_UNSET } from "../../agent/frame/chain.js";
import type { Clock } from "../../agent/ports/clock.js";
import type { Wifi } from "../../agent/provision/board-host.js";
import type { FoundNetwork } from "../../agent/provision/host.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { loadFirmware } from "./board.js";

/** The SDK's Wi-Fi as its C code is: `connect` throws while a try is open, changes are told later. */
class WiFi {
  static last: WiFi;
  connection = 200;
  readonly calls: string[] = [];
  scanning = { onFound: (_: object) => {}, onComplete: () => {} };
  readonly #onChanged: (property: string) => void;

  constructor(options: { onChanged: (property: string) => void }) {
    this.#onChanged = options.onChanged;
    WiFi.last = this;
  }

  connect(network: object): void {
    if (this.connection === 300) throw new Error("already connecting");
    this.calls.push(`connect ${JSON.stringify(network)}`);
    this.connection = 300;
  }

  disconnect(): void {
    this.connection = 200;
  }

  /** As ESP-IDF: not while it tries to join. */
  scan(options: typeof this.scanning): void {
    if (this.connection === 300) throw new Error("scan failed");
    this.calls.push("scan");
    this.scanning = options;
  }

  become(connection: number): void {
    this.connection = connection;
    this.#onChanged("connection");
  }
}

class SNTP {
  static readonly time = 1;
  static readonly retry = 2;
  static readonly error = -1;
  static asked: string[] = [];
  static answer: (message: number, seconds?: number) => void;
  static isFull = false;

  constructor({ host }: { host: string }, callback: (message: number, seconds?: number) => void) {
    if (SNTP.isFull) throw new Error("no socket");
    SNTP.asked.push(host);
    SNTP.answer = callback;
  }
}

let clock: VirtualClock;
let set: number[] = [];
let ready = 0;
let changes: boolean[] = [];
let wifi: Wifi;

const { startNetwork } = loadFirmware<{
  startNetwork: (
    settings: object,
    clock: Clock,
    handler: { ready(): void; changed(isUp: boolean): void },
  ) => Wifi;
}>("esp32/network.ts", {
  "embedded:network/interface/wifi": { default: WiFi },
  sntp: { default: SNTP },
  time: { default: { set: (seconds: number) => void set.push(seconds) } },
});

function start(ssid = "field"): void {
  wifi = startNetwork({ wifi: { ssid, password: "secret" }, sntp: "time.example" }, clock, {
    ready() {
      ready++;
    },
    changed: (isUp) => changes.push(isUp),
  });
}

beforeEach(() => {
  Object.assign(globalThis, { trace: () => {} });
  clock = new VirtualClock();
  clock.state = CLOCK_UNSET;
  clock.epoch = 0;
  SNTP.asked = [];
  SNTP.isFull = false;
  set = [];
  ready = 0;
  changes = [];
});

describe("boot: Wi-Fi, then the time of day, then ready", () => {
  test("ready comes once, when the time is set", () => {
    start();
    expect(WiFi.last.calls).toEqual(['connect {"SSID":"field","password":"secret"}']);
    WiFi.last.become(400);
    expect(SNTP.asked).toEqual([]);
    WiFi.last.become(500);
    expect([SNTP.asked, ready]).toEqual([["time.example"], 0]);
    SNTP.answer(SNTP.retry);
    SNTP.answer(SNTP.time, 1_800_000_000);
    expect([set, clock.state, ready]).toEqual([[1_800_000_000], CLOCK_SET, 1]);
    clock.advance(3_600_000);
    expect(ready).toBe(1);
  });

  test.each([
    ["a network that is never there", "field"],
    ["a board without a network", ""],
  ])("%s: ready after a minute all the same, with the clock unset", (_name, ssid) => {
    start(ssid);
    clock.advance(59_999);
    expect(ready).toBe(0);
    clock.advance(1);
    expect([ready, clock.state]).toEqual([1, CLOCK_UNSET]);
  });

  test("a time server that does not answer: ready after a minute, and asked again", () => {
    start();
    WiFi.last.become(500);
    SNTP.answer(SNTP.error);
    clock.advance(60_000);
    expect([ready, SNTP.asked.length]).toEqual([1, 2]);
    SNTP.answer(SNTP.time, 1_800_000_000);
    expect([ready, clock.state]).toEqual([1, CLOCK_SET]);
  });

  test.each([
    ["never set", 0, CLOCK_UNSET],
    ["set before the reset", 1_790_000_000_000, CLOCK_KEPT],
  ])("a clock that was %s says so", (_name, epoch, state) => {
    clock.epoch = epoch;
    start();
    expect(clock.state).toBe(state);
  });
});

describe("kept up afterwards", () => {
  test("a network that was lost is joined again, after 2.5 to 5 s", () => {
    start();
    WiFi.last.become(500);
    WiFi.last.become(200);
    clock.advance(2499);
    expect(WiFi.last.calls).toHaveLength(1);
    clock.advance(2501);
    expect(WiFi.last.calls).toHaveLength(2);
  });

  test("a try that comes to nothing is given up after 30 s; the next has twice as long", () => {
    start();
    clock.advance(35_000);
    expect(WiFi.last.calls).toHaveLength(2);
    WiFi.last.become(400); // linked, but no address ever comes
    clock.advance(54_000);
    expect(WiFi.last.calls).toHaveLength(2);
    clock.advance(16_000);
    expect(WiFi.last.calls).toHaveLength(3);
  });

  test("a try is not ended by the news of the one before it", () => {
    start();
    clock.advance(30_000);
    expect(WiFi.last.connection).toBe(200);
    clock.advance(5_000); // the next try
    WiFi.last.become(300);
    clock.advance(20_000); // a slow one
    WiFi.last.become(500);
    clock.advance(3_600_000);
    expect([WiFi.last.calls.length, WiFi.last.connection]).toEqual([2, 500]);
  });

  test("an access point that refuses is asked less and less often, each minute at the least", () => {
    start();
    const moments: number[] = [];
    for (let second = 0; second < 900; second++) {
      if (WiFi.last.connection === 300) {
        moments.push(second);
        WiFi.last.become(200);
      }
      clock.advance(1000);
    }
    const gaps = moments.slice(1).map((moment, i) => moment - (moments[i] as number));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(61);
    expect(gaps[0]).toBeLessThanOrEqual(6);
    expect(Math.min(...gaps.slice(4))).toBeGreaterThanOrEqual(29);
  });

  test.each([200, 300, 400])("whatever it falls back to (%i), it comes up again", (state) => {
    start();
    WiFi.last.become(500);
    WiFi.last.become(state);
    clock.advance(120_000);
    expect(WiFi.last.calls.length).toBeGreaterThan(1);
    WiFi.last.become(500);
    WiFi.last.become(200);
    const before = WiFi.last.calls.length;
    clock.advance(5_000); // as after the first loss
    expect(WiFi.last.calls).toHaveLength(before + 1);
  });

  test("a radio that refuses to begin is asked again", () => {
    start();
    WiFi.last.become(500);
    const { connect } = WiFi.last;
    WiFi.last.connect = () => {
      throw new Error("connect failed");
    };
    WiFi.last.become(200);
    clock.advance(60_000);
    WiFi.last.connect = connect;
    clock.advance(60_000);
    expect(WiFi.last.calls).toHaveLength(2);
  });

  test("a network that is up is left alone", () => {
    start();
    WiFi.last.become(500);
    SNTP.answer(SNTP.time, 1_800_000_000);
    WiFi.last.become(500); // its address changed
    clock.advance(3_600_000);
    expect([WiFi.last.calls.length, SNTP.asked.length]).toEqual([1, 1]);
  });

  test("the time is asked for again after 6 hours, and when the network is back", () => {
    start();
    WiFi.last.become(500);
    SNTP.answer(SNTP.time, 1_800_000_000);
    clock.advance(6 * 3_600_000);
    expect(SNTP.asked).toHaveLength(2);
    WiFi.last.become(200);
    WiFi.last.become(500);
    expect(SNTP.asked).toHaveLength(2); // a question is still open
    SNTP.answer(SNTP.error);
    WiFi.last.become(200);
    WiFi.last.become(500);
    expect(SNTP.asked).toHaveLength(3);
  });

  test("no room for a question is no end of the board", () => {
    SNTP.isFull = true;
    start();
    WiFi.last.become(500);
    SNTP.isFull = false;
    clock.advance(60_000);
    expect(SNTP.asked).toHaveLength(1);
  });
});

describe("on demand", () => {
  let joined: (boolean | string)[] = [];
  beforeEach(() => {
    joined = [];
  });
  const join = (ssid: string, password = "other") => wifi.join(ssid, password, (is) => joined.push(is));

  test("a board without a network is off the air until it is asked, and keeps the network that it joined", () => {
    const before = WiFi.last;
    start("");
    clock.advance(120_000);
    expect(WiFi.last).toBe(before);
    join("barn", "");
    expect(joined).toEqual([]);
    clock.advance(1000);
    expect(WiFi.last.calls).toEqual(['connect {"SSID":"barn"}']);
    WiFi.last.become(400);
    WiFi.last.become(500);
    expect([joined, changes, SNTP.asked]).toEqual([[true], [true], ["time.example"]]);
    WiFi.last.become(200);
    clock.advance(5000);
    expect([WiFi.last.calls.at(-1), changes]).toEqual(['connect {"SSID":"barn"}', [true, false]]);
  });

  test("a network that refuses twice: no, and the one before is joined again", () => {
    start();
    WiFi.last.become(500);
    join("barn");
    expect(changes).toEqual([true, false]);
    clock.advance(1000);
    WiFi.last.become(200);
    clock.advance(1000);
    expect([WiFi.last.calls.slice(1), joined]).toEqual([new Array(2).fill(connect("barn", "other")), []]);
    WiFi.last.become(200);
    clock.advance(5000);
    expect([WiFi.last.calls.at(-1), joined]).toEqual([connect("field", "secret"), [false]]);
    WiFi.last.become(500);
    expect([joined, changes]).toEqual([[false], [true, false, true]]);
  });

  test("a network that is silent: no, before the wire gives up at 28 s; once", () => {
    start("");
    join("barn");
    clock.advance(27_000);
    expect(joined).toEqual([false]);
    clock.advance(600_000);
    expect([joined, WiFi.last.calls.length]).toEqual([[false], 1]);
  });

  test("a radio that refuses to begin: no, not from inside", () => {
    start("");
    wifi.scan(() => {});
    const { connect: radio } = WiFi.last;
    WiFi.last.connect = () => {
      throw new Error("connect failed");
    };
    WiFi.last.scanning.onComplete();
    join("barn");
    expect(joined).toEqual([]);
    clock.advance(5000);
    expect(joined).toEqual([false]);
    WiFi.last.connect = radio;
  });

  test("another one in the middle takes its place", () => {
    start("");
    wifi.join("barn", "x", () => joined.push("barn"));
    clock.advance(1000);
    wifi.join("shed", "x", () => joined.push("shed"));
    clock.advance(1000);
    WiFi.last.become(500);
    clock.advance(60_000);
    expect([joined, WiFi.last.calls]).toEqual([["shed"], [connect("barn", "x"), connect("shed", "x")]]);
  });

  test("what is heard, the strongest first, 24 at most; while it scans nothing is joined", () => {
    let found: readonly FoundNetwork[] | undefined;
    start(); // its network is not there: the radio is trying
    wifi.scan((networks) => {
      found = networks;
    });
    clock.advance(500);
    expect(WiFi.last.calls.slice(1)).toEqual(["scan"]);
    for (let i = 0; i < 30; i++)
      WiFi.last.scanning.onFound({
        SSID: `n${i}`,
        RSSI: -40 - ((i * 7) % 30),
        security: i === 0 ? "none" : "wpa2_psk",
      });
    clock.advance(6000);
    expect([found, WiFi.last.calls.slice(1)]).toEqual([undefined, ["scan"]]);
    WiFi.last.scanning.onComplete();
    expect(found?.map(({ rssi }) => rssi)).toEqual(Array.from({ length: 24 }, (_, i) => -40 - i));
    expect(found?.map(({ isSecured }) => isSecured)).toEqual([false, ...new Array(23).fill(true)]);
    clock.advance(5000);
    expect(WiFi.last.calls.at(-1)).toBe(connect("field", "secret"));
  });

  test("a scan that never ends: what there is, after 12 s", () => {
    let found: readonly FoundNetwork[] | undefined;
    start("");
    wifi.scan((networks) => {
      found = networks;
    });
    clock.advance(11_999);
    expect(found).toBeUndefined();
    clock.advance(1);
    WiFi.last.scanning.onComplete();
    expect(found).toEqual([]);
  });

  const connect = (SSID: string, password: string) => `connect ${JSON.stringify({ SSID, password })}`;
});
