import { z } from "zod";
import { InputError } from "../../agent/input-error.js";
import { issueText } from "../../text/zod-issue.js";
import { base64Of, readBase64 } from "../log/text.js";

const Bytes = z.string().transform((text, context) => {
  const bytes = readBase64(text);
  if (bytes !== undefined) return bytes;
  context.addIssue({ code: "custom", message: "is not base64 in its one form" });
  return z.NEVER;
});
const bytesOf = (count: number) => Bytes.refine(({ length }) => length === count, `not ${count} bytes`);
const Hash = bytesOf(32);
/** No proof has more: a key has 192 bits, and a tree of 2^53 entries 53 levels. */
const Hashes = z.array(Hash).max(63);

/**
 * Proves without a network that a witness has a frame. JSON; bytes in base64. docs/network.md has
 * the steps by which it is checked.
 */
const Receipt = z.strictObject({
  type: z.literal("fieldmark frame receipt 1"),
  network: z.string().max(64),
  /** Of the device and of the witness, did:key. */
  device: z.string().max(200),
  witness: z.string().max(200),
  frame: Bytes,
  domain: z.strictObject({ chain: z.int().nonnegative(), contract: bytesOf(20) }),
  /** `path`: from the frame's leaf to the inventory's root. */
  inventory: z.strictObject({
    epoch: z.int().nonnegative(),
    body: Bytes,
    signature: Bytes,
    path: z.array(z.strictObject({ bit: z.int().min(0).max(191), sibling: Hash })).max(192),
  }),
  /**
   * The log's tree of `size` has the inventory's entry at `index`, and `first` at 0, which says
   * whose log it is. `checkpoint` is a note, as text.
   */
  log: z.strictObject({
    size: z.int().positive(),
    index: z.int().nonnegative(),
    proof: Hashes,
    first: Bytes,
    firstProof: Hashes,
    checkpoint: z.string().max(200_000),
  }),
});

export type FrameReceipt = z.infer<typeof Receipt>;

/** Throws InputError where it is no receipt. Nothing in it is checked yet. */
export function readReceipt(json: unknown, source: string): FrameReceipt {
  const parsed = Receipt.safeParse(json);
  if (!parsed.success) throw new InputError(`${source}: no frame receipt: ${issueText(parsed.error)}`);
  return parsed.data;
}

/** The receipt as JSON holds it: bytes become base64. */
export const writeReceipt = (receipt: FrameReceipt): unknown => inJson(receipt);

/** Not by a replacer of JSON.stringify: that sees what `toJSON` made of the bytes, where they have one. */
function inJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return base64Of(value);
  if (Array.isArray(value)) return value.map(inJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inJson(part)]));
}
