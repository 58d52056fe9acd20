import type { CborKey, CborValue } from "../agent/cbor/value.js";
import * as exchange from "../agent/provision/exchange.js";
import type { FoundNetwork } from "../agent/provision/host.js";
import * as improv from "../agent/provision/improv.js";
import type { Status } from "../agent/status.js";
import {
  encoded,
  joined,
  number,
  readAnswer,
  text,
  type UplinkReport,
  unreadable,
  uplinkOf,
  utf8,
} from "./board-answers.js";
import { BoardError } from "./board-error.js";
import { BoardPackets, type BoardPacketsOptions } from "./board-packets.js";
import type { Wire } from "./wire.js";

export interface DeviceInfo {
  readonly firmware: string;
  readonly version: string;
  readonly chip: string;
  readonly name: string;
}

export interface BoardState {
  readonly state: "ready" | "provisioning" | "provisioned";
  /** Where the board's user goes on, where it says so. */
  readonly url?: string;
}

/** Whose board it is. `statement`: see agent/provision/read-statement.ts, which checks it. */
export interface BoardIdentityAnswer {
  readonly did: string;
  readonly publicKey: Uint8Array;
  readonly statement: Uint8Array;
}

export interface JournalState extends Omit<Status, "state"> {
  /** How the configured brokers take the board, and how many of them it wants; undefined where its firmware is too old to say. */
  readonly uplink?: UplinkReport;
}

/** Milliseconds for joining a network, and for a scan. */
const LONG = 35_000;

const STATES: Readonly<Record<number, BoardState["state"]>> = {
  [improv.STATE_READY]: "ready",
  [improv.STATE_PROVISIONING]: "provisioning",
  [improv.STATE_PROVISIONED]: "provisioned",
};

/** Milliseconds that a board takes at the most to erase its journal: 128 sectors of some 45 ms each, and half as long again. */
const ERASING = 10_000;

/**
 * The tool's side of provisioning: one board on one wire, whatever speaks Improv Serial; what is Fieldmark's alone gets
 * `unknown-command` from others. One request at a time: others wait. Every method rejects with BoardError. What gets lost on the wire is sent
 * again, except for `wifi`.
 */
export class BoardClient {
  readonly #link: BoardPackets;
  #serial = Math.floor(Math.random() * 256);
  #hasMet = false;

  constructor(wire: Wire, options: BoardPacketsOptions = {}) {
    this.#link = new BoardPackets(wire, options);
  }

  /** Receives no more. The wire stays open. */
  close(): void {
    this.#link.close();
  }

  state(): Promise<BoardState> {
    return this.#link.inTurn(() =>
      this.#link.again<BoardState>(this.#link.timeout, (done, fail) => {
        let state: BoardState["state"] | undefined;
        this.#link.listen({
          state(value) {
            state = STATES[value];
            if (state === undefined) fail(new BoardError("failed", `the board's state is ${value}`));
            else if (state !== "provisioned") done({ state });
          },
          result(command, [url]) {
            if (command !== improv.REQUEST_STATE || state === undefined) return;
            done({ state, ...(url !== undefined && url.length > 0 && { url: text(url) }) });
          },
          error: fail,
        });
        return this.#link.send(improv.REQUEST_STATE);
      }),
    );
  }

  async info(): Promise<DeviceInfo> {
    const [firmware, version, chip, name] = await this.#ask(improv.DEVICE_INFO);
    if (name === undefined) throw new BoardError("failed", "the board says nothing of itself");
    return { firmware: text(firmware), version: text(version), chip: text(chip), name: text(name) };
  }

  /** The networks that the board hears, the strongest first; of those with one name the strongest. */
  scan(): Promise<FoundNetwork[]> {
    return this.#link.inTurn(() =>
      this.#link.again<FoundNetwork[]>(LONG / 2, (done, fail) => {
        const found = new Map<string, FoundNetwork>();
        this.#link.listen({
          result(command, strings) {
            if (command !== improv.SCAN) return;
            const [ssid, rssi, secured] = strings;
            if (ssid === undefined || ssid.length === 0)
              done([...found.values()].sort((a, b) => b.rssi - a.rssi));
            else {
              const network = {
                ssid: text(ssid),
                rssi: Number(text(rssi)),
                isSecured: text(secured) !== "NO",
              };
              const other = found.get(network.ssid);
              if (other === undefined || other.rssi < network.rssi) found.set(network.ssid, network);
            }
          },
          error: fail,
        });
        return this.#link.send(improv.SCAN);
      }),
    );
  }

  /** Joins a network. Returns where the board's user goes on, where it says so. */
  async wifi(ssid: string, password: string): Promise<string | undefined> {
    const [name, secret] = [utf8(ssid), utf8(password)];
    if (name.length === 0 || name.length > 32)
      throw new BoardError("refused", "a network's name has 1 to 32 bytes");
    if (secret.length > 64) throw new BoardError("refused", "a Wi-Fi password has at most 64 bytes");
    const body = Uint8Array.of(name.length, ...name, secret.length, ...secret);
    const [url] = await this.#ask(improv.WIFI_SETTINGS, body, LONG, 1);
    return url === undefined || url.length === 0 ? undefined : text(url);
  }

  /** The board's host name; with `name`, after that was set. */
  async hostname(name = ""): Promise<string> {
    return text((await this.#ask(improv.HOSTNAME, utf8(name)))[0]);
  }

  /** What people call the board; with `name`, after that was set. */
  async name(name = ""): Promise<string> {
    return text((await this.#ask(improv.DEVICE_NAME, utf8(name)))[0]);
  }

  /** `challenge`: 16 to 64 bytes that were just made. */
  async identity(challenge: Uint8Array): Promise<BoardIdentityAnswer> {
    const answer = await this.#map(exchange.IDENTITY, challenge);
    const [did, publicKey, statement] = ["did", "key", "statement"].map((key) => answer.get(key));
    if (typeof did !== "string" || !(publicKey instanceof Uint8Array) || !(statement instanceof Uint8Array))
      throw unreadable();
    return { did, publicKey, statement };
  }

  /**
   * Some settings, each whole, as an object, or as an order that the owner has signed for this wire; they count from the next start on. Rejects
   * with `refused`, which names the setting.
   */
  async settings(given: object | Uint8Array): Promise<void> {
    await this.#exchange(exchange.SETTINGS, given instanceof Uint8Array ? given : JSON.stringify(given));
  }

  /** Unix time in milliseconds, or an order of the owner's with it. Returns the state of the board's clock (agent/frame/chain.ts). */
  async setClock(given: number | Uint8Array): Promise<number> {
    const request = typeof given === "number" ? Math.floor(given) : given;
    return number((await this.#map(exchange.CLOCK, request)).get("clock"));
  }

  /** A frame that the board has just sampled and signed. */
  async reading(): Promise<Uint8Array> {
    const frame = await this.#exchange(exchange.READING);
    if (!(frame instanceof Uint8Array)) throw unreadable();
    return frame;
  }

  async journal(): Promise<JournalState> {
    const answer = await this.#map(exchange.JOURNAL);
    const brokers = answer.get("brokers");
    if (!Array.isArray(brokers)) throw unreadable();
    const of = (key: string) => number(answer.get(key));
    return {
      boot: of("boot"),
      uptime: of("uptime"),
      queue: of("queue"),
      oldest: of("oldest"),
      dropped: of("dropped"),
      flash: of("flash"),
      brokers: brokers.map(String),
      ...uplinkOf(answer),
    };
  }

  /** From now on the board obeys commands that this key (33 bytes, compressed) has signed. */
  async owner(publicKey: Uint8Array): Promise<void> {
    await this.#exchange(exchange.OWNER, publicKey);
  }

  /** Restarts the board, and waits until it answers again. */
  async restart(): Promise<void> {
    await this.#exchange(exchange.RESTART);
    await this.#isBack();
  }

  /**
   * Makes the board forget settings, Wi-Fi, names, owner and the frames that no broker has; returns how many those were. `confirmation`:
   * the words of `resetConfirmation`; others are refused with a message that says what would be lost. Waits until the board answers again.
   */
  async reset(confirmation: string): Promise<number> {
    const lost = number((await this.#map(exchange.RESET, confirmation)).get("lost"));
    await this.#isBack(ERASING);
    return lost;
  }

  /** `patience`: milliseconds more that the board may take for its start than for an answer. */
  async #isBack(patience = 0): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#link.timeout));
    const until = Date.now() + patience;
    for (;;)
      try {
        await this.state();
        return;
      } catch (error) {
        if (Date.now() >= until) throw error;
      }
  }

  // The standard's commands.

  #ask(
    command: number,
    body?: Uint8Array,
    timeout = this.#link.timeout,
    tries = this.#link.tries,
  ): Promise<readonly Uint8Array[]> {
    return this.#link.inTurn(() =>
      this.#link.again<readonly Uint8Array[]>(
        timeout,
        (done, fail) => {
          this.#link.listen({
            result: (answered, strings) => answered === command && done(strings),
            error: fail,
          });
          return this.#link.send(command, body);
        },
        tries,
      ),
    );
  }

  // Fieldmark's commands.

  async #map(command: number, request?: CborValue): Promise<Map<CborKey, CborValue>> {
    const value = await this.#exchange(command, request);
    if (!(value instanceof Map)) throw unreadable();
    return value;
  }

  /** The answer's value; rejects with `refused` or `failed` and the board's own words. */
  async #exchange(command: number, request?: CborValue): Promise<CborValue> {
    const body = request === undefined ? new Uint8Array(0) : encoded(request);
    if (!this.#hasMet) await this.state(); // which makes the board forget what it last answered to somebody else
    this.#hasMet = true;
    return this.#link.inTurn(async () => {
      const answer = readAnswer(await this.#carry(command, body));
      if (answer.code === exchange.DONE) return answer.value;
      throw new BoardError(answer.code === exchange.REFUSED ? "refused" : "failed", String(answer.value));
    });
  }

  /**
   * A request for its state makes a board forget what is half asked or half answered, and one that
   * was sent twice over a slow wire may come late. Then all is asked again: nothing was done yet,
   * as what is done answers in one part, but for what only reads.
   */
  async #carry(command: number, body: Uint8Array): Promise<Uint8Array> {
    const parts = Math.max(1, Math.ceil(body.length / exchange.FRAGMENT_BYTES));
    if (parts > exchange.MAX_PARTS)
      throw new BoardError(
        "refused",
        `too much at once: ${body.length} bytes of ${exchange.MAX_PARTS * exchange.FRAGMENT_BYTES}`,
      );
    for (let left = this.#link.tries; ; left--) {
      const progress = { parts: 0 };
      try {
        return await this.#carryOnce(command, body, parts, progress);
      } catch (error) {
        const isForgotten = progress.parts > 0 && error instanceof BoardError && error.code === "invalid";
        if (left <= 1 || !isForgotten) throw error;
      }
    }
  }

  /** `progress`: is told of each part that the board answered. */
  async #carryOnce(
    command: number,
    body: Uint8Array,
    parts: number,
    progress: { parts: number },
  ): Promise<Uint8Array> {
    const serial = this.#serial;
    this.#serial = (serial + 1) % 256;
    let first: Uint8Array = new Uint8Array(0);
    for (let index = 0; index < parts; index++) {
      const start = index * exchange.FRAGMENT_BYTES;
      const part = body.subarray(start, start + exchange.FRAGMENT_BYTES);
      first = await this.#part(command, serial, index, parts, part);
      progress.parts++;
    }
    const count = first[3] ?? 0;
    const answer = [first.subarray(exchange.PART_HEAD)];
    for (let index = 1; index < count; index++)
      answer.push((await this.#part(command, serial, index, 0)).subarray(exchange.PART_HEAD));
    return joined(answer);
  }

  /** Sends one part of a request, or (`count` 0) asks for one of the answer. Returns the part that answers it. */
  #part(
    command: number,
    serial: number,
    index: number,
    count: number,
    bytes?: Uint8Array,
  ): Promise<Uint8Array> {
    const isLast = index === count - 1;
    const request = Uint8Array.of(command, serial, index, count, ...(bytes ?? []));
    return this.#link.again<Uint8Array>(this.#link.timeout, (done, fail) => {
      this.#link.listen({
        result(answered, [part = new Uint8Array(0)]) {
          if (answered !== exchange.FIELDMARK || part[0] !== command || part[1] !== serial) return;
          if (part[2] !== (isLast ? 0 : index)) return;
          const isAnswer = part.length > exchange.PART_HEAD;
          if (isAnswer === (isLast || count === 0)) done(part.slice());
        },
        error: fail,
      });
      return this.#link.send(exchange.FIELDMARK, request);
    });
  }
}
