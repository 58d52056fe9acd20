import { describe, expect, test } from "@jest/globals";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { SIZE_TYPE } from "../../../network/log/add-checkpoint.js";
import type { Answer } from "../../../network/log/cosign.js";
import type { WitnessState } from "../../../network/witness/view.js";
import { reading } from "../../support/frames.js";
import { appOf, DEVICE, kept, START, viewOf } from "./harness.js";

type Json = Record<string, unknown>;
interface Operation {
  readonly parameters: readonly { name: string; in: string; schema: { pattern?: string } }[];
  readonly responses: Record<string, { content?: Record<string, { schema: Json }> }>;
}

/** A view with something of everything. */
function fullView() {
  const view = viewOf(3);
  const { bytes } = kept({ sequence: 2 }, [reading("humidity", "%RH", 55, 0)]);
  view.kept.push(
    kept({ sequence: 3, clock: 0 }, [reading(), reading("humidity", "%RH", -5, -1, 1500)], {
      verdict: undefined,
    }),
    kept({ sequence: 4, dropped: [{ boot: 1, first: 3, last: 3 }] }, [reading()], {
      verdict: "broken-chain",
      detail: "it names another frame",
    }),
  );
  view.contradictions.push([view.kept[2]!.bytes, bytes]);
  view.refused.push({
    number: 7,
    verdict: "malformed",
    detail: "not a frame",
    received: START,
    broker: "mqtt://one",
    topic: "fieldmark/1/demo/\u202e/frame",
    bytes: Uint8Array.of(1, 2, 3),
  });
  view.files.set("checkpoint", Buffer.from("north\n3\nAAAA\n"));
  view.files.set("tile/0/000.p/3", new Uint8Array(96));
  view.files.set(`${COSIGNED}/checkpoint`, Buffer.from("south\n3\nAAAA\n"));
  const peers = ["down", "fork"].map((state) => ({ name: state, size: null, state, cosigned: null }));
  view.current = { ...view.current, reason: "all well", peers: peers as WitnessState["peers"] };
  return view;
}

const COSIGNED = "0f".repeat(32);

const operationOf = (path: { get: Operation } | { post: Operation }): Operation =>
  "get" in path ? path.get : path.post;

async function described() {
  const app = await appOf(fullView());
  const { body } = await app.get("/openapi.json");
  const document = JSON.parse(body) as {
    paths: Record<string, { get: Operation } | { post: Operation }>;
    components: { schemas: Json };
  };
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  addFormats(ajv);
  ajv.addVocabulary(["components"]);
  ajv.addSchema({ $id: "doc", components: document.components });
  /** What is wrong with `value`, by a schema of the document. */
  const flaws = (schema: Json, value: unknown) => {
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"doc#/')));
    validate(value);
    return validate.errors ?? [];
  };
  return { app, document, flaws };
}

/** Each route, where it is tried, and the formats in which it is. */
const TRIED: readonly (readonly [path: string, url: string, status?: number])[] = [
  ["/health", "/health"],
  ["/ready", "/ready"],
  ["/v1/state", "/v1/state"],
  ["/v1/devices", "/v1/devices"],
  ["/v1/devices/{kid}", DEVICE],
  ["/v1/devices/{kid}", "/v1/devices/0000000000000000", 404],
  ["/v1/devices/{kid}", "/v1/devices/x", 400],
  ["/v1/devices/{kid}/frames", `${DEVICE}/frames`],
  ["/v1/devices/{kid}/frames", `${DEVICE}/frames?limit=2`],
  ["/v1/devices/{kid}/frames", `${DEVICE}/frames?format=ndjson`],
  ["/v1/devices/{kid}/frames", `${DEVICE}/frames?format=csv`],
  ["/v1/devices/{kid}/frames", `${DEVICE}/frames?format=cborseq`],
  ["/v1/devices/{kid}/frames", `${DEVICE}/frames?format=senml`],
  ["/v1/devices/{kid}/frames", `${DEVICE}/frames?limit=0`, 400],
  ["/v1/devices/{kid}/frames/{boot}/{sequence}", `${DEVICE}/frames/1/0`],
  ["/v1/devices/{kid}/frames/{boot}/{sequence}", `${DEVICE}/frames/1/3`],
  ["/v1/devices/{kid}/frames/{boot}/{sequence}", `${DEVICE}/frames/1/0?format=cose`],
  ["/v1/devices/{kid}/frames/{boot}/{sequence}", `${DEVICE}/frames/1/0?format=senml`],
  ["/v1/devices/{kid}/frames/{boot}/{sequence}", `${DEVICE}/frames/1/0?format=senml-cbor`],
  ["/v1/devices/{kid}/frames/{boot}/{sequence}", `${DEVICE}/frames/1/3?format=senml`, 406],
  ["/v1/devices/{kid}/frames/{boot}/{sequence}", `${DEVICE}/frames/9/9`, 404],
  ["/v1/devices/{kid}/frames/{boot}/{sequence}/receipt", `${DEVICE}/frames/1/0/receipt`],
  ["/v1/devices/{kid}/frames/{boot}/{sequence}/receipt", `${DEVICE}/frames/9/9/receipt`, 404],
  ["/v1/devices/{kid}/readings", `${DEVICE}/readings`],
  ["/v1/devices/{kid}/readings", `${DEVICE}/readings?format=ndjson`],
  ["/v1/devices/{kid}/readings", `${DEVICE}/readings?format=csv`],
  ["/v1/devices/{kid}/evidence", `${DEVICE}/evidence`],
  ["/v1/rejections", "/v1/rejections"],
  ["/log/{path}", "/log/checkpoint"],
  ["/log/{path}", "/log/tile/0/000.p/3"],
  ["/log/{path}", "/log/tile/0/001", 404],
  ["/cosigned/{origin}/checkpoint", `/cosigned/${COSIGNED}/checkpoint`],
  ["/cosigned/{origin}/checkpoint", "/cosigned/00/checkpoint", 404],
  ["/metrics", "/metrics"],
  ["/openapi.json", "/openapi.json"],
];

describe("the OpenAPI description", () => {
  test.each(TRIED)("has what %s says at %s", async (path, url, status = 200) => {
    const { app, document, flaws } = await described();
    const response = await app.get(url);
    expect([response.statusCode, response.body.slice(0, 200)]).toEqual([status, expect.anything()]);
    const operation = operationOf(document.paths[path]!);
    const { content = {} } = operation.responses[status] ?? operation.responses.default!;
    const type = response.headers["content-type"] as string;
    expect(Object.keys(content)).toContain(type);
    const { schema } = content[type]!;
    if (type.includes("json") && !type.includes("ndjson")) expect(flaws(schema, response.json())).toEqual([]);
    if (type.includes("ndjson")) {
      const name = /each line is a (\w+)/.exec(schema.description as string)?.[1];
      const lines = response.body.trimEnd().split("\n");
      expect(lines.length).toBeGreaterThan(2);
      for (const line of lines)
        expect(flaws({ $ref: `#/components/schemas/${name}` }, JSON.parse(line))).toEqual([]);
    }
    expect(app.errors).toEqual([]);
  });

  test("has all routes, and each is tried here", async () => {
    const { document } = await described();
    const tried = new Set(TRIED.map(([path]) => path));
    const posted = ["/add-checkpoint", "/v1/enrolments", "/v1/frames", "/v1/inventories/{epoch}/subtrees"];
    expect([...tried, "/v1/events", ...posted].sort()).toEqual(Object.keys(document.paths).sort());
  });

  test("names all that is in braces, and points at nothing that is not there", async () => {
    const { document } = await described();
    for (const [path, operations] of Object.entries(document.paths)) {
      const get = operationOf(operations);
      const named = get.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
      expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      for (const { schema } of get.parameters)
        expect(() => new RegExp(schema.pattern ?? "", "u")).not.toThrow();
    }
    for (const [, name] of JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(Object.keys(document.components.schemas)).toContain(name);
  });

  test.each([200, 400, 404, 409, 422])("has what a peer is answered by %d", async (status) => {
    const { app, document } = await described();
    const type = status === 409 ? SIZE_TYPE : "text/plain; charset=utf-8";
    app.view.answer = { status: status as Answer["status"], type, body: "5\n" };
    const { statusCode, headers } = await app.inject({
      method: "POST",
      url: "/add-checkpoint",
      headers: { host: "localhost" },
      body: "old 0\n",
    });
    expect([statusCode, headers["content-type"]]).toEqual([status, type]);
    const { content = {} } = operationOf(document.paths["/add-checkpoint"]!).responses[status]!;
    expect(Object.keys(content)).toEqual([type]);
  });

  test("would not have an answer with more in it than it says", async () => {
    const { flaws } = await described();
    const device = { kid: "0123456789abcdef", did: "did:key:zQ3s", site: "roof" };
    expect(flaws({ $ref: "#/components/schemas/Device" }, device)).toEqual([]);
    expect(flaws({ $ref: "#/components/schemas/Device" }, { ...device, password: "x" })).not.toEqual([]);
  });
});
