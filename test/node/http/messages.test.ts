import { expect, test } from "@jest/globals";
import { MAX_PARCEL_BYTES, readParcel, writeParcel } from "../../../network/epoch/parcel.js";
import { MOST_MESSAGES } from "../../../network/ports/exchange.js";
import { appOf, viewOf } from "./harness.js";

async function posting() {
  const app = await appOf(viewOf(0));
  const post = (body: Uint8Array) =>
    app.inject({
      method: "POST",
      url: "/v1/messages",
      headers: { host: "localhost" },
      body: Buffer.from(body),
    });
  return { ...app, post };
}

test("messages come in, and what is answered goes back", async () => {
  const { post, view } = await posting();
  const { statusCode, headers, rawPayload } = await post(
    writeParcel([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]),
  );
  expect([statusCode, headers["content-type"]]).toEqual([200, "application/cbor"]);
  expect(view.sent.map((bytes) => [...bytes])).toEqual([[1, 2], [], [3]]);
  expect(readParcel(rawPayload)?.map((bytes) => [...bytes])).toEqual([[2, 1], [], [3]]);
});

test.each([
  ["nothing", new Uint8Array(0)],
  ["rubbish", Uint8Array.of(255, 0, 1)],
  ["more than a parcel has", writeParcel(Array.from({ length: MOST_MESSAGES + 1 }, () => new Uint8Array(1)))],
  ["a parcel that goes on", Uint8Array.of(...writeParcel([]), 0)],
])("%s is refused", async (_name, body) => {
  const { post, view, errors } = await posting();
  expect((await post(body)).statusCode).toBe(400);
  expect([view.sent, errors]).toEqual([[], []]);
});

test("takes no more bytes than a parcel has", async () => {
  const { post } = await posting();
  expect((await post(new Uint8Array(MAX_PARCEL_BYTES + 1))).statusCode).toBe(413);
});
