import { expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import { MAX_PLACES_BYTES, readFrames, writePlaces } from "../../../network/inventory/frames-wire.js";
import { ListedTree } from "../../../network/inventory/listed-tree.js";
import { hashOfShape } from "../../../network/inventory/subtree.js";
import { MAX_QUESTION_BYTES, readShapes, writeQuestion } from "../../../network/inventory/subtree-wire.js";
import { KEY_BYTES, keyOf, leafHash, rootOf } from "../../../network/inventory/tree.js";
import { hasher } from "../../../node/ports/signer.js";
import { appOf, viewOf } from "./harness.js";

const ALL = { key: new Uint8Array(KEY_BYTES), bits: 0 };
const SUBTREES = "/v1/inventories/1/subtrees";

async function posting() {
  const view = viewOf(3);
  const entries = view.kept.map(({ kid, boot, sequence }) => {
    const key = keyOf(Uint8Array.from(Buffer.from(kid, "hex")), boot, sequence);
    return { key, digest: new Uint8Array(32).fill(sequence) };
  });
  view.tree = new ListedTree(entries, hasher);
  const leaves = entries.map(({ key, digest }) => ({ key, hash: leafHash(key, digest, hasher) }));
  const app = await appOf(view);
  const post = (url: string, body: Uint8Array) =>
    app.inject({ method: "POST", url, headers: { host: "localhost" }, body: Buffer.from(body) });
  return { ...app, entries, root: rootOf(leaves, hasher), post };
}

test("subtrees are shown, and hash to the inventory's root", async () => {
  const { post, root } = await posting();
  const { statusCode, headers, rawPayload } = await post(SUBTREES, writeQuestion([ALL]));
  expect([statusCode, headers["content-type"]]).toEqual([200, "application/cbor"]);
  const [shape] = readShapes(rawPayload) ?? [];
  expect(hex(hashOfShape(shape!, hasher))).toBe(hex(root));
});

test("frames are given by their places, in order, and nothing where there is none", async () => {
  const { post, entries, view } = await posting();
  const [first, second] = entries.map(({ key }) => key) as [Uint8Array, Uint8Array];
  const none = keyOf(second.subarray(0, 8), 9, 9);
  const { statusCode, rawPayload } = await post("/v1/frames", writePlaces([second, none, first]));
  expect(statusCode).toBe(200);
  const given = (readFrames(rawPayload) ?? []).map((frame) => frame && hex(frame));
  expect(given).toEqual([hex(view.kept[1]!.bytes), undefined, hex(view.kept[0]!.bytes)]);
});

test.each([
  ["an epoch without an inventory", "/v1/inventories/2/subtrees", writeQuestion([ALL]), 404],
  ["what is no epoch", "/v1/inventories/x/subtrees", writeQuestion([ALL]), 400],
  ["rubbish", SUBTREES, Uint8Array.of(255), 400],
  ["nothing", "/v1/frames", new Uint8Array(0), 400],
  ["more than a question has", SUBTREES, new Uint8Array(MAX_QUESTION_BYTES + 1), 413],
  ["more than places", "/v1/frames", new Uint8Array(MAX_PLACES_BYTES + 1), 413],
])("%s is refused", async (_name, url, body, status) => {
  const { post, errors } = await posting();
  expect((await post(url, body)).statusCode).toBe(status);
  expect(errors).toEqual([]);
});
