import { describe, expect, test } from "@jest/globals";
import { CLOCK_SET } from "../../../agent/frame/chain.js";
import { InputError } from "../../../agent/input-error.js";
import type { Clock, Timer } from "../../../agent/ports/clock.js";
import type { KeyValue } from "../../../agent/ports/key-value.js";
import { Configuration } from "../../../agent/provision/configuration.js";
import type { Changer } from "../../../agent/provision/settings-store.js";
import { Trial, type TrialEvent } from "../../../agent/provision/trial.js";
import { createMemoryKeyValue } from "../../../node/ports/key-value.js";
import { CONFIG } from "./recorded-host.js";

const MINUTE = 60_000;
const GOOD = "good.example";
const NOT_TAKEN = "no broker acknowledged a frame";

class PowerCut extends Error {}

/** A board as far as its settings go: which broker answers is known, and time passes when a test says so. */
class Bench {
  readonly values = new Map<string, Uint8Array>();
  readonly events: TrialEvent[] = [];
  /** Hosts that acknowledge frames. */
  readonly alive = new Set([GOOD]);
  boots = 0;
  /** Writes until the power is cut inside of one. */
  cutIn = Number.POSITIVE_INFINITY;
  isDead = false;
  hasTime = true;
  now = 0;
  #timers: { at: number; call: () => void }[] = [];
  #trial: Trial | undefined;
  configuration: Configuration;

  constructor() {
    this.configuration = this.boot();
  }

  /** Whatever ran before has ended. */
  boot(): Configuration {
    this.boots++;
    this.#timers = [];
    this.#trial = undefined;
    this.now = 0;
    const configuration = new Configuration({ store: this.store(), config: CONFIG, kinds: ["simulated"] });
    this.configuration = configuration;
    configuration.kept.begin();
    this.#trial = new Trial(configuration.kept, this.clock(), configuration.settings.trial, {
      hasTime: () => this.hasTime,
      makeFrame() {},
      restart: () => void this.boot(),
      tell: (event) => void this.events.push(event),
    });
    this.answer();
    return configuration;
  }

  get host(): string | undefined {
    return this.configuration.settings.brokers[0]?.host;
  }

  order(settings: object, by: Changer = "order"): void {
    this.configuration.change(JSON.stringify(settings), by);
    if (by === "radio") this.#trial?.begin();
    else this.boot();
  }

  /** A frame is acknowledged; what that means is judged as time passes. */
  acknowledge(): void {
    this.#trial?.taken();
  }

  /** Lets a frame be acknowledged, where the broker does that. */
  answer(): void {
    if (this.alive.has(String(this.host))) this.#trial?.taken();
    this.pass(0);
  }

  pass(time: number): void {
    const until = this.now + time;
    while (!this.isDead) {
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.splice(this.#timers.indexOf(due), 1);
      this.now = due.at;
      const boots = this.boots;
      due.call();
      if (this.boots !== boots) return; // its time starts over
    }
    this.now = until;
  }

  private clock(): Clock {
    return {
      uptime: () => this.now,
      wall: () => ({ unix: 0, state: CLOCK_SET }),
      setTimer: (call, delay) => {
        const timer = { at: this.now + delay, call };
        this.#timers.push(timer);
        return timer as unknown as Timer;
      },
      clearTimer: (timer) => {
        this.#timers = this.#timers.filter((other) => other !== (timer as unknown));
      },
    };
  }

  private store(): KeyValue {
    const { get, set, delete: remove } = createMemoryKeyValue(this.values);
    const count = () => {
      if (this.cutIn-- > 0) return;
      this.isDead = true;
      throw new PowerCut();
    };
    return {
      get,
      set(key, value) {
        count();
        set(key, value);
      },
      delete(key) {
        count();
        remove(key);
      },
    };
  }
}

/** A board that has worked with its broker. */
function working(): Bench {
  const bench = new Bench();
  bench.order({ brokers: [{ host: GOOD }] }, "wire");
  bench.answer();
  expect(bench.configuration.kept.hasWorked).toBe(true);
  bench.events.length = 0;
  return bench;
}

const types = (bench: Bench) => bench.events.map(({ type }) => type);

test("what the first technician gives counts at once: there is nothing to go back to", () => {
  const bench = new Bench();
  bench.order({ brokers: [{ host: "dead" }] }, "wire");
  bench.pass(60 * MINUTE);
  expect([bench.host, bench.boots, bench.events]).toEqual(["dead", 2, []]);
  bench.order({ brokers: [{ host: GOOD }] }, "wire");
  expect([bench.host, bench.events]).toEqual([GOOD, []]);
});

test.each<Changer>(["order", "wire"])("by %s: a broker that acknowledges is kept", (by) => {
  const bench = working();
  bench.alive.add("new");
  bench.order({ brokers: [{ host: "new" }] }, by);
  expect(bench.events).toEqual([{ type: "settings-trial", left: 10 * MINUTE }, { type: "settings-kept" }]);
  bench.pass(60 * MINUTE);
  bench.boot();
  expect([bench.host, bench.events.length]).toEqual(["new", 2]);
  expect([...bench.values.keys()].sort()).toEqual(["settings", "worked"]);
});

test.each<Changer>(["order", "wire"])("by %s: from a dead one the board is back after the time", (by) => {
  const bench = working();
  bench.order({ brokers: [{ host: "dead" }] }, by);
  bench.pass(10 * MINUTE - 1);
  expect([bench.host, types(bench)]).toEqual(["dead", ["settings-trial"]]);
  bench.pass(1);
  expect(bench.host).toBe(GOOD);
  expect(bench.events.slice(1)).toEqual([
    { type: "settings-failed", reason: NOT_TAKEN },
    { type: "settings-reverted", reason: NOT_TAKEN },
  ]);
  bench.boot();
  bench.pass(600 * MINUTE);
  expect([bench.host, bench.events.length]).toEqual([GOOD, 3]);
  expect([...bench.values.keys()].sort()).toEqual(["settings", "worked"]);
});

test("the time is a setting, and the new one counts", () => {
  const bench = working();
  bench.order({ brokers: [{ host: "dead" }], trial: 5000 });
  bench.pass(5000);
  expect(bench.host).toBe(GOOD);
  expect(bench.configuration.settings.trial).toBe(10 * MINUTE);
});

test("its time goes on over power cuts", () => {
  const bench = working();
  bench.order({ brokers: [{ host: "dead" }] });
  for (let i = 0; i < 3; i++) {
    bench.pass(3 * MINUTE);
    expect(bench.host).toBe("dead");
    bench.boot();
  }
  bench.pass(MINUTE);
  expect([bench.host, types(bench).at(-1)]).toEqual([GOOD, "settings-reverted"]);
});

test("starts that come to nothing are counted: settings that end the board at once do not end it for ever", () => {
  const bench = working();
  bench.order({ brokers: [{ host: "dead" }] });
  for (let i = 0; i < 4; i++) bench.boot();
  expect(bench.host).toBe("dead");
  bench.boot();
  expect(bench.host).toBe(GOOD);
  expect(bench.events.at(-1)).toEqual({
    type: "settings-reverted",
    reason: "5 starts without an acknowledgement by a broker",
  });
});

test("where neither works any more they take turns, since either may be right", () => {
  const bench = working();
  bench.alive.clear();
  bench.order({ brokers: [{ host: "new" }] });
  const turns: [string | undefined, number][] = [];
  for (let i = 0; i < 8; i++) {
    const { host, now } = bench;
    let minutes = now;
    while (bench.host === host && minutes < 200) {
      bench.pass(MINUTE);
      minutes++;
    }
    turns.push([host, minutes]);
  }
  expect(turns).toEqual([
    ["new", 10],
    [GOOD, 10],
    ["new", 20],
    [GOOD, 20],
    ["new", 40],
    [GOOD, 40],
    ["new", 60],
    [GOOD, 60],
  ]);
  expect(types(bench)).not.toContain("settings-reverted");
  bench.alive.add("new");
  bench.answer();
  expect([bench.host, types(bench).at(-1)]).toEqual(["new", "settings-kept"]);
});

describe("an order during a trial", () => {
  test("has its own time, and what worked stays what is gone back to", () => {
    const bench = working();
    bench.order({ brokers: [{ host: "dead" }], age: 1000 });
    bench.pass(9 * MINUTE);
    bench.order({ brokers: [{ host: "deader" }] });
    expect(bench.configuration.settings).toMatchObject({ age: 1000, brokers: [{ host: "deader" }] });
    bench.pass(9 * MINUTE);
    expect(bench.host).toBe("deader");
    bench.pass(MINUTE);
    expect(bench.configuration.settings).toMatchObject({ age: CONFIG.age, brokers: [{ host: GOOD }] });
  });

  test("that brings back what worked ends it", () => {
    const bench = working();
    bench.order({ brokers: [{ host: "dead" }] });
    bench.order({ brokers: [{ host: GOOD }] });
    expect([...bench.values.keys()].sort()).toEqual(["settings", "worked"]);
  });

  test("that is wrong changes nothing", () => {
    const bench = working();
    bench.order({ brokers: [{ host: "dead" }] });
    const before = new Map(bench.values);
    expect(() => bench.configuration.change('{"brokers":[]}', "order")).toThrow(InputError);
    expect(bench.values).toEqual(before);
  });

  test("after the board went back, stands over what worked", () => {
    const bench = working();
    bench.alive.clear();
    bench.order({ brokers: [{ host: "dead" }], age: 1000 });
    bench.pass(10 * MINUTE);
    expect(bench.host).toBe(GOOD);
    bench.order({ readings: 2 });
    expect(bench.configuration.settings).toMatchObject({ age: CONFIG.age, readings: 2 });
  });
});

describe("another time server", () => {
  test("must answer, too", () => {
    const bench = working();
    bench.hasTime = false;
    bench.order({ sntp: "no.such.server" });
    bench.answer();
    expect(types(bench)).toEqual(["settings-trial"]);
    bench.pass(10 * MINUTE);
    expect(bench.events.at(-1)).toEqual({
      type: "settings-reverted",
      reason: "the time server did not answer",
    });
    bench.order({ sntp: "slow.server" });
    bench.hasTime = true;
    bench.pass(MINUTE);
    expect(types(bench).at(-1)).toBe("settings-kept");
  });

  test("that is the same need not: a board whose clock is unset takes orders", () => {
    const bench = working();
    bench.hasTime = false;
    bench.order({ age: 1000, sntp: CONFIG.sntp });
    expect(types(bench)).toEqual(["settings-trial", "settings-kept"]);
  });
});

describe("a network that a technician has brought the board into", () => {
  test("counts as soon as a broker acknowledges a frame from there", () => {
    const bench = working();
    bench.order({ wifi: { ssid: "other" } }, "radio");
    expect([bench.boots, types(bench)]).toEqual([2, ["settings-trial"]]);
    bench.answer();
    expect(types(bench)).toEqual(["settings-trial", "settings-kept"]);
    expect(bench.configuration.wifi).toEqual({ ssid: "other" });
  });

  test("is left when none does", () => {
    const bench = working();
    bench.alive.clear();
    bench.order({ wifi: { ssid: "other" } }, "radio");
    bench.pass(10 * MINUTE);
    expect([bench.boots, bench.configuration.wifi]).toEqual([3, { ssid: "" }]);
  });
});

test("a power cut inside of any write of it leaves one of the two, and a board that ends well", () => {
  for (const isAlive of [false, true])
    for (let cut = 0, isOver = false; !isOver; cut++) {
      const bench = working();
      if (isAlive) bench.alive.add("new");
      bench.cutIn = cut;
      try {
        bench.order({ brokers: [{ host: "new" }], age: 1000 });
        for (let i = 0; i < 30; i++) bench.pass(MINUTE);
        isOver = !bench.isDead;
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
      bench.cutIn = Number.POSITIVE_INFINITY;
      bench.isDead = false;
      bench.boot();
      const { age } = bench.configuration.settings;
      expect([bench.host, age]).toEqual(bench.host === GOOD ? [GOOD, CONFIG.age] : ["new", 1000]);
      for (let i = 0; i < 30; i++) bench.pass(MINUTE);
      if (!isAlive) expect(bench.host).toBe(GOOD);
      expect([...bench.values.keys()].filter((key) => key !== "trial").sort()).toEqual([
        "settings",
        "worked",
      ]);
      expect(cut).toBeLessThan(40);
    }
});

test("a reset forgets new settings, too", () => {
  const bench = working();
  bench.order({ brokers: [{ host: "dead" }] });
  bench.configuration.forget();
  bench.boot();
  expect([bench.host, bench.values.size]).toEqual(["127.0.0.1", 0]);
});

describe("settings that were changed, and that no boot has read yet", () => {
  test("are not judged by what the broker of this boot does", () => {
    const bench = working();
    bench.order({ brokers: [{ host: "new.example" }] });
    bench.acknowledge();
    bench.configuration.change(JSON.stringify({ brokers: [{ host: "dead.example" }] }), "order");
    bench.pass(0);
    expect(bench.events).not.toContainEqual({ type: "settings-kept" });
    bench.boot();
    expect(bench.host).toBe("dead.example");
    bench.pass(10 * MINUTE);
    expect(bench.host).toBe(GOOD);
  });

  test("are read after a trial's time at the latest: the board starts again by itself", () => {
    const bench = working();
    bench.order({ brokers: [{ host: "dead.example" }] });
    bench.configuration.change(JSON.stringify({ brokers: [{ host: "other.example" }] }), "wire");
    const { boots } = bench;
    bench.pass(11 * MINUTE);
    expect(bench.boots).toBe(boots + 1);
    expect(bench.host).toBe("other.example");
  });
});
