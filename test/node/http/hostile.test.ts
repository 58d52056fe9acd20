import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { appOf, DEVICE, KID, viewOf } from "./harness.js";

const ROUTES = [
  "/health",
  "/ready",
  "/v1/state",
  "/v1/devices",
  DEVICE,
  `${DEVICE}/frames`,
  `${DEVICE}/frames/1/0`,
  `${DEVICE}/readings`,
  `${DEVICE}/evidence`,
  "/v1/rejections",
  "/log/checkpoint",
  "/metrics",
  "/openapi.json",
];
const NAMES = ["from", "until", "after", "before", "limit", "format", "device", "__proto__", "constructor"];
const VALUES = [
  "1:0",
  "0",
  "1",
  "1795000000",
  "2026-11-30T12:00:00Z",
  "json",
  "csv",
  "senml",
  KID,
  "1e9",
  "%00",
];

const text = fc.oneof(fc.constantFrom(...VALUES), fc.string({ unit: "binary" }), fc.string());
/** With lone surrogates, which encodeURIComponent throws at, written as what they are not. */
const encoded = (value: string) => encodeURIComponent(value.replace(/\p{Surrogate}/gu, "?"));
const query = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), fc.string()), text), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join("&"));
const path = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ROUTES) },
  fc
    .array(
      fc.oneof(
        text.map(encoded),
        fc.constantFrom("v1", "devices", KID, "frames", "log", "tile", "..", "%zz", "%"),
      ),
      {
        maxLength: 6,
      },
    )
    .map((parts) => `/${parts.join("/")}`),
);
/** What Node lets into a header. */
const header = fc.oneof(
  fc.constantFrom("*/*", "text/csv", "application/json;q=x", ",,;;q=,", "*", '"', 'W/"', "null"),
  fc.string().map((value) => value.replace(/[^\x20-\x7e]/g, "")),
);

const STATUSES = [200, 304, 400, 404, 405, 406, 414];

test("no request is answered by a fault, and each refusal says what to do", async () => {
  const app = await appOf(viewOf(5), { cors: ["https://page.example"] });
  await fc.assert(
    fc.asyncProperty(path, query, header, header, async (at, asked, accept, known) => {
      const url = asked === "" ? at : `${at}?${asked}`;
      const headers = { accept, "if-none-match": known, origin: known };
      const { statusCode, headers: said, body } = await app.get(url, headers);
      expect(app.errors).toEqual([]);
      expect(STATUSES).toContain(statusCode);
      expect(said["x-content-type-options"]).toBe("nosniff");
      if (statusCode < 400) return;
      expect(said["content-type"]).toBe("application/problem+json");
      const { status, title, detail } = JSON.parse(body);
      expect([status, typeof title]).toEqual([statusCode, "string"]);
      expect(detail.length).toBeGreaterThan(10);
      expect(body).toMatch(/^[ -~]*$|^[^\p{Cc}\u202e]*$/u);
    }),
    { numRuns: 400 },
  );
});

test("texts that stand in a refusal are visible, and not longer than needed", async () => {
  const app = await appOf(viewOf(0));
  const { body } = await app.get(`/v1/devices?limit=${encodeURIComponent("\u202e\u001b[31m")}`);
  expect(JSON.parse(body).detail).toContain("\\u{202e}\\u{1b}[31m");
  const long = await app.get(`/v1/devices?${"x".repeat(5000)}=1`);
  expect([long.statusCode, long.body.length < 500]).toEqual([400, true]);
});
