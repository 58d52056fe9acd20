import { beforeEach, describe, expect, test } from "@jest/globals";
import { CLOCK_KEPT, CLOCK_SET, CLOCK_UNSET } from "../../../agent/frame/chain.js";
import type { Clock } from "../../../agent/ports/clock.js";
import type { Wifi } from "../../../agent/provision/board-host.js";
import type { FoundNetwork } from "../../../agent/provision/host.js";
import { EARLIEST } from "../../../agent/time-of-day.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { loadFirmware } from "./board.js";
import { type NtpFields, ntpPacket } from "./ntp-packet.js";

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

/** The SDK's UDP, with a time server at the other end that answers when the test says so. */
class Udp {
  static isFull = false;
  static open = new Set<Udp>();
  static requests: Uint8Array[] = [];
  readonly #onReadable: () => void;
  readonly #packets: ArrayBuffer[] = [];

  constructor({ onReadable }: { onReadable: () => void }) {
    if (Udp.isFull) throw new Error("no socket");
    Udp.open.add(this);
    this.#onReadable = onReadable;
  }

  write(packet: Uint8Array, address: string, port: number): void {
    expect([address, port]).toEqual(["192.0.2.1", 123]);
    Udp.requests.push(packet);
  }

  receive(packet: Uint8Array): void {
    this.#packets.push(Uint8Array.from(packet).buffer);
    this.#onReadable();
  }

  read(): ArrayBuffer | undefined {
    return this.#packets.shift();
  }

  close(): void {
    Udp.open.delete(this);
  }
}

let asked: string[] = [];
let failures: string[] = [];
let nonces = 0;

/** An answer to the last question. */
function answer(unix: number, more: NtpFields = {}): void {
  const request = Udp.requests.at(-1) as Uint8Array;
  for (const socket of Udp.open) socket.receive(ntpPacket({ originate: request.slice(40), unix, ...more }));
}

const NOON = 1_800_000_000_000;

/** A whole round in which the server says that it is `unix`, and 2 s later. */
function tellTime(unix = NOON): void {
  clock.advance(0);
  answer(unix);
  clock.advance(2000);
  answer(unix + 2000);
  clock.advance(0);
}

/** A round in which nobody answers. */
function hearNothing(): void {
  clock.advance(25_000);
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
    handler: { ready(): void; changed(isUp: boolean): void; timeFailed(reason: string): void },
  ) => Wifi;
}>("esp32/network.ts", {
  "embedded:network/interface/wifi": { default: WiFi },
  "embedded:io/socket/udp": { default: Udp },
  net: {
    default: {
      resolve: (host: string, found: (name: string, address: string) => void) => {
        asked.push(host);
        found(host, "192.0.2.1");
      },
    },
  },
  [require.resolve("../../../firmware/ports/native.ts")]: {
    random: (into: Uint8Array) => void into.fill(++nonces),
  },
  time: {
    default: {
      set: (seconds: number) => {
        set.push(seconds);
        clock.epoch = seconds * 1000 - clock.uptime();
      },
    },
  },
});

function start(ssid = "field"): void {
  wifi = startNetwork({ wifi: { ssid, password: "secret" }, sntp: "time.example" }, clock, {
    ready() {
      ready++;
    },
    changed: (isUp) => changes.push(isUp),
    timeFailed: (reason) => failures.push(reason),
  });
}

beforeEach(() => {
  Object.assign(globalThis, { trace: () => {} });
  clock = new VirtualClock();
  clock.state = CLOCK_UNSET;
  clock.epoch = 0;
  Object.assign(clock, { earliest: EARLIEST });
  asked = [];
  failures = [];
  Udp.isFull = false;
  Udp.open.clear();
  Udp.requests = [];
  set = [];
  ready = 0;
  changes = [];
});

describe("boot: Wi-Fi, then the time of day, then ready", () => {
  test("ready comes once, when the time is set", () => {
    start();
    expect(WiFi.last.calls).toEqual(['connect {"SSID":"field","password":"secret"}']);
    WiFi.last.become(400);
    clock.advance(0);
    expect(asked).toEqual([]);
    WiFi.last.become(500);
    clock.advance(0);
    expect([asked, ready]).toEqual([["time.example"], 0]);
    tellTime();
    expect([set, clock.state, ready]).toEqual([[1_800_000_002], CLOCK_SET, 1]);
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
    hearNothing();
    expect([ready, asked.length, failures]).toEqual([0, 5, ["no answer"]]);
    clock.advance(60_000);
    expect([ready, asked.length]).toEqual([1, 6]);
    tellTime();
    expect([ready, clock.state, Udp.open.size]).toEqual([1, CLOCK_SET, 0]);
  });

  test.each([
    ["never set", 0, CLOCK_UNSET],
    ["before the firmware was built", 1_700_000_000_000, CLOCK_UNSET],
    ["20 years after it", EARLIEST + 21 * 31_557_600_000, CLOCK_UNSET],
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
    tellTime();
    clock.advance(3_600_000);
    expect([WiFi.last.calls.length, asked.length]).toEqual([1, 2]);
    WiFi.last.become(500); // its address changed
    clock.advance(3_600_000);
    expect([WiFi.last.calls.length, asked.length]).toEqual([1, 2]);
  });

  test("the time is asked for again after 6 hours, and when the network is back", () => {
    start();
    WiFi.last.become(500);
    tellTime();
    clock.advance(6 * 3_600_000);
    expect(asked).toHaveLength(3);
    WiFi.last.become(200);
    WiFi.last.become(500);
    clock.advance(0);
    expect(asked).toHaveLength(3); // a question is still open
    hearNothing();
    expect(asked).toHaveLength(7);
    WiFi.last.become(200);
    WiFi.last.become(500);
    clock.advance(0);
    expect(asked).toHaveLength(8);
  });

  test("no room for a question is no end of the board", () => {
    Udp.isFull = true;
    start();
    WiFi.last.become(500);
    expect(failures).toEqual(["Error: no socket"]);
    Udp.isFull = false;
    clock.advance(60_000);
    expect(asked).toHaveLength(1);
  });
});

describe("a time server is believed", () => {
  beforeEach(() => {
    start();
    WiFi.last.become(500);
    clock.advance(0);
  });
  const isUnset = () => expect([set, clock.state]).toEqual([[], CLOCK_UNSET]);

  test("only where two answers agree", () => {
    answer(NOON);
    clock.advance(2000);
    answer(NOON + 3_600_000);
    clock.advance(2000);
    isUnset();
    answer(NOON + 4000);
    clock.advance(0);
    expect([set, clock.state]).toEqual([[1_800_000_004], CLOCK_SET]);
  });

  test("not where none of five do", () => {
    for (let i = 0; i < 5; i++) {
      answer(NOON + i * 3_600_000);
      clock.advance(2000);
    }
    isUnset();
    expect(failures).toEqual(["no two answers agree"]);
  });

  test.each([
    ["before the firmware was built", EARLIEST - 100_000, "2025-12-31T23:58:20.000Z cannot be"],
    ["20 years after it", EARLIEST + 20 * 31_557_600_000, "cannot be"],
  ])("not %s", (_name, unix, says) => {
    for (let i = 0; i < 5; i++) {
      answer(unix);
      clock.advance(5000);
    }
    isUnset();
    expect(failures).toEqual([expect.stringContaining(says)]);
  });

  test("not where the answer is to another question, nor the same again", () => {
    answer(NOON, { originate: new Uint8Array(8) });
    answer(NOON);
    answer(NOON);
    clock.advance(1000);
    isUnset();
  });

  test("and is left alone for an hour where it does not want to be asked", () => {
    answer(NOON, { stratum: 0, reference: "RATE" });
    clock.advance(3_599_999);
    expect([asked.length, failures]).toEqual([1, ["kiss of death RATE"]]);
    clock.advance(1);
    expect(asked).toHaveLength(2);
  });

  test("a clock that it has set is set again by what is better, and not by what is worse", () => {
    tellTime();
    clock.advance(6 * 3_600_000);
    const now = NOON + clock.uptime();
    answer(now + 400, { dispersion: 3 });
    clock.advance(2000);
    answer(now + 2400, { dispersion: 3 });
    clock.advance(0);
    expect(set).toHaveLength(1);
    clock.advance(6 * 3_600_000);
    tellTime(NOON + clock.uptime() + 400);
    expect(set).toHaveLength(2);
  });

  test("a clock that it has set is not set to another hour but by three rounds that say so", () => {
    tellTime();
    const off = 3_600_000;
    clock.advance(6 * 3_600_000);
    tellTime(NOON + clock.uptime() + off);
    clock.advance(60_000);
    tellTime(NOON + clock.uptime() + off);
    expect(set).toHaveLength(1);
    expect(failures).toEqual(new Array(2).fill("it differs from a clock that was set by 3600 s"));
    clock.advance(60_000);
    tellTime(NOON + clock.uptime() + off);
    expect(set).toHaveLength(2);
  });

  test("what was set by hand it sets again", () => {
    clock.epoch = NOON + 86_400_000;
    clock.state = CLOCK_KEPT;
    tellTime();
    expect([set, clock.state]).toEqual([[1_800_000_002], CLOCK_SET]);
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
    clock.advance(0);
    expect([joined, changes, asked]).toEqual([[true], [true], ["time.example"]]);
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
