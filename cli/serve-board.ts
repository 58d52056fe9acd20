import type { IncomingMessage, ServerResponse } from "node:http";
import { InputError } from "../agent/input-error.js";
import { openWire } from "../node/serial/open-wire.js";
import { OperationError } from "../provision/events.js";
import type { Wire, WireSignals } from "../provision/wire.js";
import { bodyOf } from "./request-body.js";

/** More than a tool writes at once. */
const MOST_BYTES = 1 << 20;

/**
 * Shares one port with the page, over HTTP: `GET board` names it, `POST board/open`, `write` (bytes), `baud?rate=`,
 * `signals?dtr=&rts=` and `close` do what Wire does, and `GET board/read` streams what comes from the board. Answers 409 where
 * the port cannot be opened, 410 where it is not open any more. Who asks has shown the token already.
 */
export class BoardDoor {
  readonly #name: string;
  #wire: Wire | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** `path`: what follows `board` in the address. */
  async answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const url = urlOf(path);
      if (request.method === "GET" && path === "") response.end(this.#name);
      else if (request.method === "GET" && url.pathname === "/read") this.#read(response);
      else if (request.method === "POST") {
        await this.#do(url.pathname.slice(1), url.searchParams, await bodyOf(request, MOST_BYTES));
        response.writeHead(204).end();
      } else response.writeHead(404).end();
    } catch (error) {
      if (response.headersSent) throw error;
      const status = error instanceof OperationError ? 409 : error instanceof InputError ? 400 : 410;
      response.writeHead(status).end((error as Error).message);
    }
  }

  async close(): Promise<void> {
    const wire = this.#wire;
    this.#wire = undefined;
    await wire?.close();
  }

  async #do(what: string, given: URLSearchParams, body: Uint8Array): Promise<void> {
    if (what === "open") {
      await this.close(); // a page that was loaded again has forgotten the one before
      this.#wire = await openWire(this.#name, "scan");
    } else if (what === "write") await this.#open.write(body);
    else if (what === "baud") await this.#open.setBaud(rateOf(given.get("rate")));
    else if (what === "signals") await this.#open.setSignals?.(signalsOf(given));
    else if (what === "close") await this.close();
    else throw new InputError(`there is no ${what}`);
  }

  get #open(): Wire {
    if (this.#wire === undefined) throw new Error(`${this.#name} is not open`);
    return this.#wire;
  }

  #read(response: ServerResponse): void {
    const wire = this.#open;
    response.writeHead(200, { "content-type": "application/octet-stream" });
    response.flushHeaders();
    const stop = wire.receive((data) => response.write(data));
    response.once("close", stop);
    void wire.closed.then(() => response.end());
  }
}

function urlOf(path: string): URL {
  const url = `http://localhost${path.startsWith("/") ? path : `/${path}`}`;
  if (!URL.canParse(url)) throw new InputError("not an address");
  return new URL(url);
}

function rateOf(text: string | null): number {
  const rate = Number(text);
  if (!Number.isInteger(rate) || rate < 300 || rate > 4_000_000) throw new InputError("not a rate");
  return rate;
}

function signalsOf(given: URLSearchParams): WireSignals {
  const [dtr, rts] = [given.get("dtr"), given.get("rts")];
  return {
    ...(dtr !== null && { dataTerminalReady: dtr === "1" }),
    ...(rts !== null && { requestToSend: rts === "1" }),
  };
}
