import { MAX_FRAMES_BYTES, readFrames, writePlaces } from "../../network/inventory/frames-wire.js";
import { MAX_SUBTREES_BYTES, readShapes, writeQuestion } from "../../network/inventory/subtree-wire.js";
import { MAX_NOTE_BYTES } from "../../network/log/note.js";
import type { InventoryLink } from "../../network/ports/inventory-link.js";
import type { PeerLink } from "../../network/ports/peer-link.js";

/** Milliseconds that a peer gets for one answer, to its last byte. */
const PATIENCE = 10_000;
const NOT_FOUND = 404;

/** What a link may do beside its peer's address. */
export interface PeerLinkOptions {
  /** Of its HTTP, without a slash at the end. */
  readonly url: string;
  /** Ends all that is under way, and all that comes. */
  readonly signal: AbortSignal;
  /** Milliseconds for one answer. Left out: PATIENCE. */
  readonly patience?: number;
}

/**
 * A peer over HTTP (docs/witness-http.md). It gets no more time, and no more memory, than an answer
 * needs, and cannot lead elsewhere.
 */
export function peerLink({ url, signal, patience = PATIENCE }: PeerLinkOptions): PeerLink & InventoryLink {
  async function answerTo(path: string, limit: number, request: RequestInit) {
    const answer = await fetch(`${url}${path}`, {
      ...request,
      redirect: "error",
      // A few bytes that unfold to many are bounded, too, but of no use to anybody.
      headers: { ...request.headers, "accept-encoding": "identity" },
    });
    return { status: answer.status, body: await bounded(answer, limit) };
  }

  async function exchange(path: string, limit: number, request: RequestInit = {}) {
    const end = new AbortController();
    const stop = () => end.abort();
    const timer = setTimeout(stop, patience);
    signal.addEventListener("abort", stop);
    try {
      signal.throwIfAborted();
      // fetch may be told to end and never do so: nobody waits for that.
      const ended = new Promise<never>((_, reject) => {
        end.signal.addEventListener("abort", () => reject(new Error("ended")));
      });
      return await Promise.race([answerTo(path, limit, { ...request, signal: end.signal }), ended]);
    } catch (error) {
      throw new Error(end.signal.aborted ? `no answer within ${patience / 1000} s` : reasonOf(error));
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  const files = (prefix: string) => async (path: string, limit: number) => {
    const { status, body } = await exchange(`${prefix}/${path}`, limit);
    if (status === NOT_FOUND) return undefined;
    if (status !== 200) throw new Error(`it answers ${status}`);
    return body;
  };

  /** A document in CBOR, and what it is answered with. */
  async function posted(path: string, document: Uint8Array, limit: number): Promise<Uint8Array> {
    const { status, body } = await exchange(path, limit, {
      method: "POST",
      headers: { "content-type": "application/cbor" },
      body: document as Uint8Array<ArrayBuffer>,
    });
    if (status !== 200) throw new Error(`it answers ${status}`);
    return body;
  }

  return {
    log: files("/log"),
    cosigned: files("/cosigned"),
    ask: (body) =>
      exchange("/add-checkpoint", MAX_NOTE_BYTES, {
        method: "POST",
        headers: { "content-type": "text/plain; charset=utf-8" },
        body: body as Uint8Array<ArrayBuffer>,
      }),
    async subtrees(epoch, prefixes) {
      const path = `/v1/inventories/${epoch}/subtrees`;
      return mustBe(readShapes(await posted(path, writeQuestion(prefixes), MAX_SUBTREES_BYTES)));
    },
    frames: async (places) =>
      mustBe(readFrames(await posted("/v1/frames", writePlaces(places), MAX_FRAMES_BYTES))),
  };
}

function mustBe<T>(answer: T | undefined): T {
  if (answer === undefined) throw new Error("its answer is not as it must be");
  return answer;
}

/** All bytes of an answer. Rejects beyond `limit`, and reads no more. */
async function bounded(answer: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the rest.
    if (length > limit) throw new Error(`an answer of more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** fetch itself says no more than that it failed. Of an address that is tried in both families there is a code alone. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & {
    cause?: { readonly message?: string; readonly code?: string };
  };
  return cause?.message || cause?.code || message;
}
