import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { writeFrames } from "../../../network/inventory/frames-wire.js";
import { writeShapes } from "../../../network/inventory/subtree-wire.js";
import { MAX_NOTE_BYTES } from "../../../network/log/note.js";
import { peerLink } from "../../../node/network/peer-link.js";

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A server that answers as `listener` does, and how it is reached. */
async function peer(listener: RequestListener, patience?: number) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({
    close() {
      server.close();
      server.closeAllConnections();
    },
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const over = new AbortController();
  const link = peerLink({ url, signal: over.signal, ...(patience !== undefined && { patience }) });
  return { url, over, link };
}

describe("the way to a peer", () => {
  test("asks for files below its address, and sends what is to be cosigned", async () => {
    const asked: string[] = [];
    const { link } = await peer((request, response) => {
      let sent = "";
      request.on("data", (bytes) => {
        sent += bytes;
      });
      request.on("end", () => {
        asked.push(`${request.method} ${request.url} ${sent}`);
        response.writeHead(request.method === "POST" ? 409 : 200).end("5\n");
      });
    });
    expect(Buffer.from((await link.log("tile/0/000", 100))!).toString()).toBe("5\n");
    await link.cosigned("ab/checkpoint", 100);
    const { status, body } = await link.ask(Buffer.from("old 0\n"));
    expect([status, Buffer.from(body).toString()]).toEqual([409, "5\n"]);
    expect(asked).toEqual([
      "GET /log/tile/0/000 ",
      "GET /cosigned/ab/checkpoint ",
      "POST /add-checkpoint old 0\n",
    ]);
  });

  test("asks for subtrees and frames, and takes no other answer for one", async () => {
    const asked: string[] = [];
    let body = writeShapes([undefined]);
    const { link } = await peer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume().on("end", () => response.end(body));
    });
    const key = new Uint8Array(24);
    expect(await link.subtrees(7, [{ key, bits: 0 }])).toEqual([undefined]);
    body = writeFrames([Uint8Array.of(5)]);
    expect(await link.frames([key])).toEqual([Uint8Array.of(5)]);
    body = Uint8Array.of(255);
    await expect(link.frames([key])).rejects.toThrow("not as it must be");
    await expect(link.subtrees(7, [{ key, bits: 0 }])).rejects.toThrow("not as it must be");
    expect(asked.slice(0, 2)).toEqual(["POST /v1/inventories/7/subtrees", "POST /v1/frames"]);
  });

  test("says that a file is not there, and that an answer is of no use", async () => {
    let status = 404;
    const { link } = await peer((_request, response) => response.writeHead(status).end());
    expect(await link.log("checkpoint", 100)).toBeUndefined();
    status = 503;
    await expect(link.log("checkpoint", 100)).rejects.toThrow("it answers 503");
  });

  test("reads no more than it wants of an answer without end", async () => {
    const { link } = await peer((_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(1 << 16))) {}
      };
      response.on("drain", more);
      more();
    });
    await expect(link.log("checkpoint", 100)).rejects.toThrow("more than 100 bytes");
    await expect(link.ask(Buffer.from("x"))).rejects.toThrow(`more than ${MAX_NOTE_BYTES} bytes`);
  });

  test("waits for no one who does not answer, or never ends", async () => {
    const silent = await peer(() => {}, 50);
    await expect(silent.link.log("checkpoint", 100)).rejects.toThrow("no answer within 0.05 s");
    const slow = await peer((_request, response) => void response.write("x"), 50);
    await expect(slow.link.ask(Buffer.from("x"))).rejects.toThrow("no answer within 0.05 s");
  });

  test("does not go where it is sent", async () => {
    let isReached = false;
    const elsewhere = await peer((_request, response) => {
      isReached = true;
      response.end("x");
    });
    const { link } = await peer((_request, response) =>
      response.writeHead(302, { location: `${elsewhere.url}/log/checkpoint` }).end(),
    );
    await expect(link.log("checkpoint", 100)).rejects.toThrow("redirect");
    expect(isReached).toBe(false);
  });

  test("ends at once with its witness, and says why nobody is there", async () => {
    const { link, over } = await peer(() => {});
    const pending = link.log("checkpoint", 100);
    over.abort();
    await expect(pending).rejects.toThrow();
    await expect(link.log("checkpoint", 100)).rejects.toThrow();
    const gone = peerLink({ url: "http://127.0.0.1:1", signal: new AbortController().signal });
    await expect(gone.log("checkpoint", 100)).rejects.toThrow();
  });
});
