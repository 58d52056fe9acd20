import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { visibleJson } from "../../text/visible.js";

/** What a route says. */
export interface Answer {
  /** 200, unless it says another. */
  readonly status?: number;
  /** Media type. */
  readonly type: string;
  readonly body: string | Uint8Array | Readable;
  readonly headers?: Readonly<Record<string, string>>;
}

export const JSON_TYPE = "application/json";

export const jsonAnswer = (value: unknown, headers: Answer["headers"] = {}): Answer => ({
  type: JSON_TYPE,
  body: visibleJson(value),
  headers,
});

/** Bytes of the digest in an ETag: two answers of one address never share it by chance. */
const TAG_BYTES = 16;

/**
 * Sends an answer. One that is whole gets an ETag, and is 304 to who has it already (RFC 9110
 * §13.1.2). A stream is not begun for HEAD.
 */
export function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): FastifyReply {
  const { status = 200, type, body, headers = {} } = answer;
  const vary = [reply.getHeader("vary"), headers.vary].filter(Boolean).join(", "); // CORS has its own
  reply.code(status).headers({ "cache-control": "no-cache", ...headers, "content-type": type });
  if (vary !== "") reply.header("vary", vary);
  if (body instanceof Readable) {
    if (request.method !== "HEAD") return reply.send(body);
    body.destroy();
    return reply.send();
  }
  const bytes = Buffer.from(body);
  reply.header("content-length", bytes.length);
  const sent = request.method === "HEAD" ? undefined : bytes;
  if (status !== 200 || request.method === "POST") return reply.send(sent);
  const digest = createHash("sha256").update(bytes).digest();
  const tag = `"${digest.subarray(0, TAG_BYTES).toString("base64url")}"`;
  reply.header("etag", tag);
  if (!isKnown(request.headers["if-none-match"], tag)) return reply.send(sent);
  return reply.code(304).removeHeader("content-length").send();
}

/** Weak comparison (RFC 9110 §8.8.3.2). */
const isKnown = (known: string | undefined, tag: string): boolean =>
  known?.split(",").some((one) => ["*", tag, `W/${tag}`].includes(one.trim())) ?? false;
