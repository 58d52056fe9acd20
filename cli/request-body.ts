import type { IncomingMessage } from "node:http";
import { InputError } from "../agent/input-error.js";

/** What a request brings. Throws InputError where that is more than `most` bytes. */
export async function bodyOf(request: IncomingMessage, most: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw new InputError("too much at once");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
