import { describe, expect, test } from "@jest/globals";
import { Encoder } from "cbor-x";
import fc from "fast-check";
import { splitFrames } from "../../../network/sequence.js";
import { csvLine } from "../../../node/http/formats/csv.js";
import { readSenmlJson } from "../../../tools/senml-json.js";
import { reading } from "../../support/frames.js";
import { appOf, DEVICE, DID, kept, START, viewOf } from "./harness.js";

/** RFC 4180 §2 to the letter; throws Error for anything else. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const row: string[] = [];
    for (;;) {
      const cell = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
      cell.lastIndex = at;
      const [whole = "", inQuotes, plain] = cell.exec(text) ?? [];
      row.push(inQuotes?.replaceAll('""', '"') ?? (plain as string));
      at += whole.length;
      if (text[at] !== ",") break;
      at++;
    }
    if (text.slice(at, at + 2) !== "\r\n") throw new Error(`no CR LF at ${at}`);
    at += 2;
    rows.push(row);
  }
  return rows;
}

const nextOf = (url: string, link: unknown): string | undefined => {
  const [, reference] = /^<(\?[^>]*)>; rel="next"$/.exec(String(link ?? "")) ?? [];
  return reference === undefined ? undefined : url.replace(/\?.*$/, "") + reference;
};

/** All pages from `url` on, by their links. */
async function follow(app: Awaited<ReturnType<typeof appOf>>, url: string) {
  const pages: { body: string }[] = [];
  for (let next: string | undefined = url; next !== undefined; ) {
    const response = await app.get(next);
    expect(response.statusCode).toBe(200);
    pages.push(response);
    next = nextOf(next, response.headers.link);
  }
  return pages;
}

const sequencesOf = (pages: readonly { body: string }[]): number[] =>
  pages.flatMap(({ body }) => JSON.parse(body).frames.map(({ sequence }: { sequence: number }) => sequence));
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("paging", () => {
  test("by its links gives every frame once, in order, whatever a page holds", async () => {
    const app = await appOf(viewOf(23));
    for (const limit of [1, 7, 22, 23, 24]) {
      const pages = await follow(app, `${DEVICE}/frames?limit=${limit}`);
      expect(pages.length).toBe(Math.ceil(23 / limit));
      expect(sequencesOf(pages)).toEqual(upTo(23));
    }
  });

  test("keeps to the times that were asked for, both included", async () => {
    const app = await appOf(viewOf(10));
    const from = new Date((START + 120) * 1000).toISOString();
    const pages = await follow(app, `${DEVICE}/frames?from=${from}&until=${START + 360}&limit=2`);
    expect(sequencesOf(pages)).toEqual([2, 3, 4, 5, 6]);
  });

  test("of JSON has a hundred frames where no number is given, and says where to go on", async () => {
    const app = await appOf(viewOf(101));
    const { body, headers } = await app.get(`${DEVICE}/frames`);
    expect(JSON.parse(body).frames.length).toBe(100);
    expect(headers.link).toBe('<?limit=100&after=1%3A99>; rel="next"');
  });

  test("ends a page of long frames sooner, and leaves none out", async () => {
    const view = viewOf(0);
    const readings = Array.from({ length: 255 }, () => reading());
    for (let sequence = 0; sequence < 200; sequence++) view.kept.push(kept({ sequence }, readings));
    const pages = await follow(await appOf(view), `${DEVICE}/frames?limit=1000`);
    expect(pages.length).toBeGreaterThan(1);
    for (const { body } of pages) expect(body.length).toBeLessThan(6_000_000);
    expect(sequencesOf(pages)).toEqual(upTo(200));
  });

  test("of devices and rejections goes by their own order", async () => {
    const view = viewOf(0);
    for (let index = 0; index < 5; index++) {
      view.enrolled.push({ kid: `f${index}`.padEnd(16, "f"), did: DID, site: "roof" });
      const refused = {
        verdict: "malformed",
        received: START,
        broker: "b",
        topic: "t",
        bytes: new Uint8Array(0),
      };
      view.refused.push({ ...refused, verdict: "malformed", number: index });
    }
    view.enrolled.sort((a, b) => (a.kid < b.kid ? -1 : 1));
    const app = await appOf(view);
    const devices = await follow(app, "/v1/devices?limit=4");
    expect(
      devices.flatMap(({ body }) => JSON.parse(body).devices.map(({ kid }: { kid: string }) => kid)),
    ).toEqual(view.enrolled.map(({ kid }) => kid));
    const rejections = await follow(app, "/v1/rejections?limit=2");
    expect(
      rejections.flatMap(({ body }) =>
        JSON.parse(body).rejections.map(({ number }: { number: number }) => number),
      ),
    ).toEqual([4, 3, 2, 1, 0]);
  });
});

describe("streams", () => {
  test("have all frames, and hold few of them at a time", async () => {
    const view = viewOf(1000);
    const app = await appOf(view);
    const { body, headers } = await app.get(`${DEVICE}/frames?format=ndjson`);
    expect(
      body
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).sequence),
    ).toEqual(upTo(1000));
    expect(headers.link).toBeUndefined();
    expect(view.mostAtOnce).toBeLessThanOrEqual(64);
  });

  test("of CBOR are the frames as they were signed", async () => {
    const view = viewOf(150);
    const { rawPayload } = await (await appOf(view)).get(`${DEVICE}/frames`, {
      accept: "application/cbor-seq",
    });
    const found: Uint8Array[] = [];
    for await (const { bytes } of splitFrames([rawPayload])) found.push(bytes);
    expect(found.map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(
      view.kept.map(({ bytes }) => Buffer.from(bytes).toString("hex")),
    );
  });

  test("are so many at a time, and end for HEAD before they begin", async () => {
    const view = viewOf(3);
    const app = await appOf(view);
    const head = await app.inject({
      method: "HEAD",
      url: `${DEVICE}/frames?format=csv`,
      headers: { host: "localhost" },
    });
    expect([head.statusCode, head.body, view.mostAtOnce]).toEqual([200, "", 0]);
    for (let turn = 0; turn < 20; turn++)
      expect((await app.get(`${DEVICE}/frames?format=csv`)).statusCode).toBe(200);
  });

  test("that fail are cut off, and the fault is reported, once, and to nobody else", async () => {
    const broken = kept({ sequence: 500 }, undefined, { bytes: Uint8Array.of(1) });
    const said = [expect.objectContaining({ message: expect.stringContaining("the frame 1:500 of") })];
    const late = viewOf(500);
    late.kept.push(broken);
    const begun = await appOf(late);
    await expect(begun.get(`${DEVICE}/frames?format=ndjson`)).rejects.toThrow();
    expect(begun.errors).toEqual(said);
    const early = viewOf(0);
    early.kept.push(broken);
    for (const format of ["ndjson", "json"]) {
      const app = await appOf(early);
      const { statusCode, body } = await app.get(`${DEVICE}/frames?format=${format}`);
      expect([statusCode, app.errors]).toEqual([500, said]);
      expect(body).not.toContain("1:500");
    }
  });
});

describe("CSV", () => {
  test("has a row a reading, exact, with the verdict", async () => {
    const view = viewOf(1);
    view.kept.push(
      kept({ sequence: 1, clock: 0 }, [reading("humidity", "%RH", -5, -1, 1500)], { verdict: undefined }),
      kept({ sequence: 2 }, [reading("count", "count", 9007199254740991, -9, 250)], { verdict: "late" }),
    );
    const { body, headers } = await (await appOf(view)).get(`${DEVICE}/readings`, { accept: "text/csv" });
    expect(headers["content-type"]).toBe("text/csv; charset=utf-8; header=present");
    expect(readCsv(body)).toEqual([
      ["time", "name", "value", "unit", "verdict", "boot", "sequence"],
      [
        new Date(START * 1000).toISOString().replace(".000", ""),
        "temperature",
        "21.53",
        "Cel",
        "ok",
        "1",
        "0",
      ],
      ["", "humidity", "-0.5", "%RH", "", "1", "1"],
      [new Date(START * 1000 - 250).toISOString(), "count", "9007199.254740991", "count", "late", "1", "2"],
    ]);
  });

  test("is never a formula: not by a unit, a detail or a broker", async () => {
    const view = viewOf(0);
    for (const text of ["=1+1", "+1", "-a", "@SUM(A1)", "\t=1", " =1", "x;=cmd()", "\uff1d1", 'a"\r\n=1,"'])
      view.kept.push(
        kept({ sequence: view.kept.length }, [reading("t", text)], { detail: text, broker: text }),
      );
    const app = await appOf(view);
    for (const list of ["readings", "frames"]) {
      const rows = readCsv((await app.get(`${DEVICE}/${list}?format=csv`)).body);
      expect(rows.length).toBe(10);
      const cells = rows.flat().flatMap((cell) => cell.split(/[;,|]/));
      for (const cell of cells) expect(cell).not.toMatch(/^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/);
    }
  });

  test("reads back as what was written, for any text", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (cells) => {
        const rows = readCsv(csvLine(cells));
        expect(rows.length).toBe(1);
        expect(rows[0]?.length).toBe(cells.length);
        for (const cell of rows[0] ?? []) expect(cell).not.toMatch(/^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/);
      }),
    );
  });
});

describe("SenML", () => {
  const readings = [reading("temperature", "Cel", 2153, -2), reading("humidity", "%RH", 55, 0, 1500)];

  test("of one frame is the payload as it was signed", async () => {
    const view = viewOf(0);
    view.kept.push(kept({}, readings));
    const { rawPayload, headers } = await (await appOf(view)).get(`${DEVICE}/frames/1/0`, {
      accept: "application/senml+cbor",
    });
    expect(headers["content-type"]).toBe("application/senml+cbor");
    expect(Buffer.from(view.kept[0]!.bytes).includes(rawPayload)).toBe(true);
    const records = new Encoder({ mapsAsObjects: false }).decode(rawPayload) as Map<number, unknown>[];
    expect(records.map((record) => [record.get(-2), record.get(-4), record.get(-3)])).toEqual([
      ["temperature", "Cel", START],
      ["humidity", "%RH", undefined],
    ]);
  });

  test("in JSON is resolved, oldest first, and names the device", async () => {
    const view = viewOf(0);
    view.kept.push(kept({}, readings));
    const { body } = await (await appOf(view)).get(`${DEVICE}/frames/1/0?format=senml`);
    expect(JSON.parse(body)).toEqual([
      { n: `${DID}:humidity`, u: "%RH", v: 55, t: START - 1.5 },
      { n: `${DID}:temperature`, u: "Cel", v: 21.53, t: START },
    ]);
    expect(readSenmlJson(body.replaceAll(`${DID}:`, "")).time).toBe(START);
  });

  test("of a list leaves out what is not ok, or has no date", async () => {
    const view = viewOf(2);
    view.kept.push(
      kept({ sequence: 2 }, [reading("a")], { verdict: "out-of-range" }),
      kept({ sequence: 3, clock: 0 }, [reading("b")]),
      kept({ sequence: 4 }, [reading("c")]),
    );
    const app = await appOf(view);
    const records = JSON.parse((await app.get(`${DEVICE}/frames?format=senml`)).body) as { n: string }[];
    expect(records.map(({ n }) => n.slice(DID.length + 1))).toEqual(["temperature", "temperature", "c"]);
    view.kept.length = 0;
    expect((await app.get(`${DEVICE}/frames?format=senml`)).body).toBe("[]");
  });
});

describe("formats", () => {
  test.each([
    [undefined, "application/json"],
    ["text/html,application/xhtml+xml,*/*;q=0.8", "application/json"],
    ["text/*", "text/csv; charset=utf-8; header=present"],
    ["application/json;q=0.1, text/csv;q=0.9", "text/csv; charset=utf-8; header=present"],
    ["*/*, application/json;q=0", "application/x-ndjson"],
    ["APPLICATION/SENML+JSON", "application/senml+json"],
  ])("Accept: %s gives %s", async (accept, type) => {
    const app = await appOf(viewOf(1));
    const { headers } = await app.get(`${DEVICE}/frames`, accept === undefined ? {} : { accept });
    expect(headers["content-type"]).toBe(type);
    expect(headers.vary).toBe("accept");
  });

  test("that are not there are refused with those that are", async () => {
    const app = await appOf(viewOf(1));
    const refused = await app.get(`${DEVICE}/frames`, { accept: "image/png" });
    expect([refused.statusCode, refused.json().detail]).toEqual([406, expect.stringContaining("text/csv")]);
    const unknown = await app.get(`${DEVICE}/frames?format=xml`);
    expect([unknown.statusCode, unknown.json().detail]).toEqual([
      400,
      expect.stringContaining("json, ndjson, csv"),
    ]);
  });
});
