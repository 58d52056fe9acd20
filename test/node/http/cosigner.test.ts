import { describe, expect, test } from "@jest/globals";
import { MAX_ADD_CHECKPOINT_BYTES } from "../../../network/log/add-checkpoint.js";
import { appOf, viewOf } from "./harness.js";

async function posting() {
  const app = await appOf(viewOf(0));
  const post = (body: Uint8Array | string, headers: Record<string, string> = {}, url = "/add-checkpoint") =>
    app.inject({
      method: "POST",
      url,
      headers: { host: "localhost", ...headers },
      body: Buffer.from(body),
    });
  return { ...app, post };
}

describe("add-checkpoint", () => {
  test.each([{}, { "content-type": "text/plain" }, { "content-type": "application/json" }])(
    "hands on what is sent, byte for byte, with %j",
    async (headers) => {
      const { post, view, errors } = await posting();
      const sent = Uint8Array.of(0, 255, 10, 123);
      const { statusCode, headers: said, body } = await post(sent, headers);
      expect([statusCode, said["content-type"], body]).toEqual([
        200,
        "text/plain; charset=utf-8",
        view.answer.body,
      ]);
      expect(view.sent.map((bytes) => [...bytes])).toEqual([[...sent]]);
      expect([said["x-content-type-options"], said.etag, errors]).toEqual(["nosniff", undefined, []]);
    },
  );

  test("answers with a size as its own type", async () => {
    const { post, view } = await posting();
    view.answer = { status: 409, type: "text/x.tlog.size", body: "5\n" };
    const { statusCode, headers, body } = await post("old 0\n");
    expect([statusCode, headers["content-type"], body]).toEqual([409, "text/x.tlog.size", "5\n"]);
  });

  test("takes no more bytes than a request can have", async () => {
    const { post, view } = await posting();
    expect((await post(new Uint8Array(MAX_ADD_CHECKPOINT_BYTES))).statusCode).toBe(200);
    expect((await post(new Uint8Array(MAX_ADD_CHECKPOINT_BYTES + 1))).statusCode).toBe(413);
    expect(view.sent).toHaveLength(1);
  });

  test("is no way to be asked without a body, by GET, or from elsewhere", async () => {
    const { post, get, view } = await posting();
    expect((await get("/add-checkpoint")).statusCode).toBe(404);
    expect((await post("x", { host: "evil.example" })).statusCode).toBe(421);
    expect((await post("x", {}, "/v1/state")).statusCode).toBe(405);
    expect((await post("x", {}, "/nothing")).statusCode).toBe(405);
    expect(view.sent).toEqual([]);
    await post("");
    expect(view.sent).toEqual([new Uint8Array(0)]);
  });

  test("is counted by the rate limit, and a fault is not shown", async () => {
    const view = viewOf(0);
    const { inject, errors } = await appOf(view, { rate: { requests: 1, seconds: 60 } });
    view.addCheckpoint = () => {
      throw new Error("no room on /secret");
    };
    const post = () =>
      inject({ method: "POST", url: "/add-checkpoint", headers: { host: "localhost" }, body: "x" });
    const answer = await post();
    expect([answer.statusCode, answer.body.includes("secret"), errors.length]).toEqual([500, false, 1]);
    expect((await post()).statusCode).toBe(429);
  });
});

test("what was cosigned is shown by the hash of a log's name alone", async () => {
  const { get, view } = await posting();
  const origin = "ab".repeat(32);
  view.files.set(`${origin}/checkpoint`, Buffer.from("note"));
  expect(await get(`/cosigned/${origin}/checkpoint`)).toMatchObject({ statusCode: 200, body: "note" });
  for (const name of [origin.toUpperCase(), "cd".repeat(32), "..", "%2e%2e", `${origin}0`])
    expect((await get(`/cosigned/${name}/checkpoint`)).statusCode).toBe(404);
});
