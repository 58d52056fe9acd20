import { afterEach, expect, test } from "@jest/globals";
import { NotFiled, ServedDesk } from "../../../provision/page/served-desk.js";
import { wholeReceipt } from "../support/receipt.js";

const { fetch } = globalThis;
afterEach(() => {
  globalThis.fetch = fetch;
});

const answering = (body: string, status = 200) => {
  globalThis.fetch = async () => new Response(body, { status });
  return new ServedDesk("token");
};

test.each(["", "no JSON", "null", '"receipt"', "7", "[]", "{}", '{"receipt":null,"code":null}'])(
  "what answers %j is no desk: the receipt is not filed, and the page goes on",
  async (body) => {
    for (const status of [200, 422, 500])
      await expect(answering(body, status).file(wholeReceipt())).rejects.toThrow(NotFiled);
    expect(typeof (await answering(body).info)).toMatch(/^(object|undefined)$/);
  },
);
