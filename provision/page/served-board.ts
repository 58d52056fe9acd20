import { Receivers, type Wire, WireError, type WireSignals } from "../wire.js";

/** Addresses, beside the page, of the port that `fieldmark serve --board` shares (cli/serve-board.ts). */
export const BOARD = "board";

/**
 * A port of the machine that serves the page: how a page reaches a simulated board, or a board where the browser has no Web
 * Serial. Everything is asked with the token of the printed address.
 */
export class ServedBoard {
  readonly #headers: { readonly authorization: string };
  /** The port's name, or undefined where the server shares none. */
  readonly name: Promise<string | undefined>;

  constructor(token: string) {
    this.#headers = { authorization: `Bearer ${token}` };
    // Another server than `fieldmark serve` gives no token, and is not asked.
    this.name = token === "" ? Promise.resolve(undefined) : this.#name();
  }

  /** Throws WireError. */
  async open(name: string): Promise<Wire> {
    await this.#ask("open");
    const reading = await fetch(`${BOARD}/read`, { headers: this.#headers }).catch(gone);
    if (!reading.ok || reading.body === null) throw new WireError("closed", await reading.text());
    return this.#wire(name, reading.body.getReader());
  }

  #wire(name: string, reader: ReadableStreamDefaultReader<Uint8Array>): Wire {
    const receivers = new Receivers();
    let isOpen = true;
    const ask = async (what: string, body?: Uint8Array<ArrayBuffer>) => {
      if (!isOpen) throw new WireError("closed", `${name} is closed`);
      await this.#ask(what, body);
    };
    const closed = pump(reader, receivers).then(() => {
      isOpen = false;
      receivers.clear();
    });
    return {
      name,
      write: (data) => ask("write", Uint8Array.from(data)),
      receive: (handler) => receivers.add(handler),
      setBaud: (baud) => ask(`baud?rate=${baud}`),
      setSignals: (signals) => ask(`signals?${query(signals)}`),
      closed,
      close: async () => {
        if (!isOpen) return;
        await this.#ask("close").catch(() => {});
        await reader.cancel().catch(() => {});
        await closed;
      },
    };
  }

  async #name(): Promise<string | undefined> {
    const response = await fetch(BOARD, { headers: this.#headers }).catch(() => undefined);
    return response?.ok ? await response.text() : undefined;
  }

  async #ask(what: string, body?: Uint8Array<ArrayBuffer>): Promise<void> {
    const response = await fetch(`${BOARD}/${what}`, {
      method: "POST",
      headers: this.#headers,
      ...(body !== undefined && { body }),
    }).catch(gone);
    if (response.ok) return;
    throw new WireError(response.status === 409 ? "busy" : "closed", await response.text());
  }
}

async function pump(reader: ReadableStreamDefaultReader<Uint8Array>, receivers: Receivers): Promise<void> {
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      receivers.received(value);
    }
  } catch {
    // The server went away, and the port with it.
  }
}

function query({ dataTerminalReady: dtr, requestToSend: rts }: WireSignals): string {
  const lines = Object.entries({ dtr, rts }).filter(([, level]) => level !== undefined);
  return new URLSearchParams(lines.map(([line, level]) => [line, level ? "1" : "0"])).toString();
}

function gone(error: unknown): never {
  throw new WireError("closed", `the server that gave this page does not answer: ${String(error)}`);
}
