import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { VERDICTS } from "../../../agent/frame/verdict.js";
import { appOf, viewOf } from "./harness.js";

interface Family {
  readonly type: string;
  readonly samples: Map<string, number>;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (\S+)$/;

/** Prometheus's text format 0.0.4, strictly: each family once, HELP and TYPE before its samples. Throws Error. */
function readMetrics(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let current: [string, Family] | undefined;
  let helped = "";
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") continue;
    const [, help] = /^# HELP (\S+) \S/.exec(line) ?? [];
    const [, name, type] = /^# TYPE (\S+) (counter|gauge|summary|histogram)$/.exec(line) ?? [];
    if (help !== undefined) {
      if (!NAME.test(help) || families.has(help)) throw new Error(`HELP of ${help}`);
      helped = help;
    } else if (name !== undefined && type !== undefined) {
      if (name !== helped || families.has(name)) throw new Error(`TYPE of ${name}`);
      current = [name, { type, samples: new Map() }];
      families.set(...current);
    } else {
      const [, sample, labels = "", value] = SAMPLE.exec(line) ?? [];
      if (sample === undefined || current === undefined) throw new Error(`not a sample: ${line}`);
      const [family, { type: kind, samples }] = current;
      const endings = { counter: [""], gauge: [""], summary: ["", "_sum", "_count"] }[kind] ?? [
        "_bucket",
        "_sum",
        "_count",
      ];
      if (!endings.some((ending) => family + ending === sample)) throw new Error(`${sample} in ${family}`);
      if (samples.has(sample + labels)) throw new Error(`${sample}${labels} twice`);
      if (!/^nan$/i.test(value ?? "") && Number.isNaN(Number(value)))
        throw new Error(`${sample} is ${value}`);
      samples.set(sample + labels, Number(value));
    }
  }
  return families;
}

async function scrape(view = viewOf(2)) {
  const app = await appOf(view);
  const { body, headers } = await app.get("/metrics");
  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  return readMetrics(body);
}

describe("metrics", () => {
  test("say what the view says", async () => {
    const view = viewOf(2);
    view.current = { ...view.current, state: "full", waiting: 4, quarantined: 5, bytes: 6000, entries: 7 };
    const peer = { name: "south", size: 5, cosigned: null } as const;
    view.current = {
      ...view.current,
      peers: [
        { ...peer, state: "fork" },
        { ...peer, name: "east", state: "up" },
      ],
    };
    view.current = { ...view.current, brokers: [{ broker: 'a"\\\nb', subscribed: false }] };
    view.counted = {
      verdicts: { ok: 10, late: 2 },
      brokers: { 'a"\\\nb': 12 },
      bytes: 2345,
      commits: 3,
      commitSeconds: 0.25,
    };
    const families = await scrape(view);
    const values = new Map([...families.values()].flatMap(({ samples }) => [...samples]));
    expect(Object.fromEntries([...values].filter(([name]) => name.startsWith("fieldmark_")))).toEqual({
      ...Object.fromEntries(VERDICTS.map((verdict) => [`fieldmark_frames_total{verdict="${verdict}"}`, 0])),
      'fieldmark_frames_total{verdict="ok"}': 10,
      'fieldmark_frames_total{verdict="late"}': 2,
      'fieldmark_messages_total{broker="a\\"\\\\\\nb"}': 12,
      fieldmark_kept_bytes_total: 2345,
      fieldmark_store_commit_seconds_sum: 0.25,
      fieldmark_store_commit_seconds_count: 3,
      'fieldmark_state{state="running"}': 0,
      'fieldmark_state{state="catching-up"}': 0,
      'fieldmark_state{state="full"}': 1,
      'fieldmark_state{state="failed"}': 0,
      'fieldmark_broker_up{broker="a\\"\\\\\\nb"}': 0,
      fieldmark_devices: 1,
      fieldmark_stored_frames: 2,
      fieldmark_waiting_frames: 4,
      fieldmark_quarantined_frames: 5,
      fieldmark_store_bytes: 6000,
      fieldmark_log_entries: 7,
      'fieldmark_peer_up{peer="south"}': 0,
      'fieldmark_peer_up{peer="east"}': 1,
      'fieldmark_peer_fork{peer="south"}': 1,
      'fieldmark_peer_fork{peer="east"}': 0,
      fieldmark_event_listeners: 0,
      fieldmark_event_listeners_dropped_total: 0,
    });
    expect([...families.keys()]).toContain("process_resident_memory_bytes");
  });

  test("follow the view from one scrape to the next, and forget brokers that are gone", async () => {
    const view = viewOf(0);
    view.counted = { ...view.counted, brokers: { one: 1, two: 2 } };
    const app = await appOf(view);
    await app.get("/metrics");
    view.counted = { ...view.counted, brokers: { two: 5 } };
    const { samples } = readMetrics((await app.get("/metrics")).body).get(
      "fieldmark_messages_total",
    ) as Family;
    expect(Object.fromEntries(samples)).toEqual({ 'fieldmark_messages_total{broker="two"}': 5 });
  });

  test("of two servers are their own", async () => {
    const [one, other] = [viewOf(1), viewOf(2)];
    const apps = [await appOf(one), await appOf(other)];
    const bodies = [];
    for (const app of apps) bodies.push((await app.get("/metrics")).body);
    expect(bodies[0]).toContain("\nfieldmark_stored_frames 1\n");
    expect(bodies[1]).toContain("\nfieldmark_stored_frames 2\n");
  });

  test("are named as Prometheus wants them: _total for counters, and for nothing else", async () => {
    for (const [name, { type }] of await scrape())
      expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
  });

  test("are all in the page that says what they are", async () => {
    const page = readFileSync(join(__dirname, "../../../docs/witness-http.md"), "utf8");
    const documented = new Set([...page.matchAll(/^\| `(fieldmark_\w+)/gm)].map(([, name]) => name));
    const there = [...(await scrape()).keys()].filter((name) => name.startsWith("fieldmark_"));
    expect([...documented].sort()).toEqual(there.sort());
  });
});

test("the reader of these tests takes no other text", () => {
  for (const text of [
    "a 1\n",
    "# HELP a b\n# TYPE a gauge\na 1",
    "# HELP a b\n# TYPE a gauge\na 1\na 2\n",
    "# HELP a b\n# TYPE a gauge\nb 1\n",
    "# HELP a b\n# TYPE a gauge\na{x=y} 1\n",
    "# HELP a b\n# TYPE a gauge\na one\n",
    "# TYPE a gauge\na 1\n",
  ])
    expect(() => readMetrics(text)).toThrow();
});
