import type { IncomingMessage, ServerResponse } from "node:http";
import { basename } from "node:path";
import { hex, kidOfKey } from "../agent/cose/kid.js";
import { didOfKey, keyOfDid } from "../agent/frame/identity.js";
import { hasher } from "../node/ports/signer.js";
import { devicesOf } from "../node/provision/registry-file.js";
import { OperationError } from "../provision/events.js";
import type { DeskAnswer, DeskRefusal, Filing } from "../provision/page/served-desk.js";
import { decodeText } from "../text/decode.js";
import { parseJson } from "../text/json-text.js";
import { messageOf } from "./errors.js";
import { type Desk, fileReceipt } from "./receipts.js";
import { bodyOf } from "./request-body.js";
import { beforeBoards } from "./run-operation.js";
import { loadSite } from "./site-file.js";

/** More than a receipt has. */
const MOST_BYTES = 256 << 10;

/**
 * Enrols the boards that the page set up, over HTTP: `GET enrolment` says who owns them, by the public half of the key alone, and
 * `POST enrolment` takes a receipt, checks it whole, and writes registry and receipt. Answers 422 where the receipt is refused, 500
 * where it could not be written; both change nothing. Who asks has shown the token already.
 */
export class EnrolmentDesk {
  readonly #site: string;
  #last: Promise<void> = Promise.resolve();

  /** Throws where the site file, its registry, or a key that it names cannot be used. */
  constructor(site: string) {
    this.#site = site;
    try {
      this.#info();
    } catch (error) {
      throw beforeBoards(error);
    }
  }

  /** Whether the key is here, by which receipts are countersigned. */
  get hasOwnersKey(): boolean {
    return this.#open().owner !== undefined;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "GET") return this.#reply(response, 200, this.#info());
    if (request.method !== "POST") return void response.writeHead(405).end();
    // A form of another site cannot send this type without asking first, and is not answered then.
    if (request.headers["content-type"] !== "application/json") return void response.writeHead(415).end();
    let receipt: unknown;
    try {
      receipt = parseJson(decodeText(await bodyOf(request, MOST_BYTES)));
    } catch (error) {
      return this.#reply(response, 400, { code: "receipt-bad", reason: (error as Error).message, hint: "" });
    }
    const filing = this.#last.then(() => this.#file(receipt, response)); // one after the other
    this.#last = filing.catch(() => {});
    await filing;
  }

  async #file(receipt: unknown, response: ServerResponse): Promise<void> {
    try {
      const desk = this.#open();
      const { isNew, receipt: filed } = await fileReceipt(receipt, desk);
      this.#reply(response, 200, { isNew, registry: basename(desk.registry), receipt: filed });
    } catch (error) {
      if (error instanceof OperationError) {
        const { code, message: reason, hint } = error;
        return this.#reply(response, 422, { code, reason, hint });
      }
      this.#reply(response, 500, { code: "file", reason: messageOf(error), hint: "" });
    }
  }

  #info(): DeskAnswer {
    const { network, ownerKey, registry } = this.#open();
    const named = devicesOf(registry, network).flatMap(({ did, name }) =>
      name === undefined ? [] : [{ name, ids: [hex(kidOfKey(keyOfDid(did), hasher))], isDone: true }],
    );
    return { owner: ownerKey === undefined ? null : didOfKey(ownerKey), registry: basename(registry), named };
  }

  /** The site file is read each time: it may have been mended. */
  #open(): Desk {
    const { site, at, owner, ownerKey } = loadSite(this.#site, { isKeyOptional: true });
    const { batch } = site;
    return {
      network: site.site.network,
      site: site.site.name,
      sensors: site,
      owner,
      ownerKey,
      registry: at(batch?.registry ?? "registry.json"),
      receipts: at(batch?.receipts ?? "receipts"),
    };
  }

  #reply(response: ServerResponse, status: number, body: DeskAnswer | Filing | DeskRefusal): void {
    response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify(body));
  }
}
