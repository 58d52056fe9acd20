import type { Agent } from "../../agent/agent.js";
import { readUtf8, utf8Length, writeUtf8 } from "../../agent/cbor/utf8.js";
import type { ClockState } from "../../agent/frame/chain.js";
import { MIN_UNIX_SECONDS } from "../../agent/frame/layout.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import type { Configuration } from "../../agent/provision/configuration.js";
import type { BoardIdentity, FoundNetwork, ProvisioningHost } from "../../agent/provision/host.js";
import { forgetOwner } from "../../agent/provision/owner.js";
import type { Status } from "../../agent/status.js";
import type { BoardClock } from "./board-clock.js";
import type { SimulatedWifi } from "./wifi.js";

export interface BoardHostInit {
  readonly identity: BoardIdentity;
  readonly agent: Agent;
  readonly configuration: Configuration;
  readonly store: KeyValue;
  readonly clock: BoardClock;
  readonly wifi: SimulatedWifi;
  /** Erases the journal's flash. */
  readonly eraseJournal: () => void;
  readonly restart: () => void;
  /** The board is in a network: each time that it joined one. */
  readonly joined: () => void;
}

const NAME = "name";
const HOSTNAME = "hostname";
/** The year 2106: 32 bits of seconds. */
const MAX_UNIX = 2 ** 32 * 1000;

/** A simulated board as provisioning sees it, in one boot. */
export class BoardHost implements ProvisioningHost {
  readonly identity: BoardIdentity;
  isOnline = false;
  readonly url = "";
  readonly #init: BoardHostInit;
  #isReset = false;

  constructor(init: BoardHostInit) {
    this.#init = init;
    this.identity = init.identity;
  }

  get name(): string {
    return this.text(NAME) ?? `Fieldmark ${this.identity.device.slice(-4)}`;
  }

  setName(name: string): void {
    this.setText(NAME, name);
  }

  get hostname(): string {
    return this.text(HOSTNAME) ?? `fieldmark-${this.identity.device.slice(-4)}`;
  }

  setHostname(hostname: string): void {
    this.setText(HOSTNAME, hostname);
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): void {
    this.#init.wifi.scan(done);
  }

  join(ssid: string, password: string, done: (isJoined: boolean) => void): void {
    const { wifi, configuration } = this.#init;
    wifi.join(ssid, password, (isJoined) => {
      if (isJoined) {
        configuration.merge({ wifi: { ssid, ...(password !== "" && { password }) } });
        this.online();
      }
      done(isJoined);
    });
  }

  online(): void {
    this.isOnline = true;
    this.#init.clock.setFromNetwork();
    this.#init.joined();
  }

  configure(json: string): void {
    this.#init.configuration.change(json);
  }

  setClock(unix: number): ClockState {
    if (!(unix >= MIN_UNIX_SECONDS * 1000 && unix < MAX_UNIX))
      throw new RangeError("clock: not a time of day in milliseconds since 1970");
    this.#init.clock.set(unix);
    return this.#init.clock.state;
  }

  readNow(): Uint8Array {
    if (this.#isReset) throw new Error("the board is about to start anew");
    return this.#init.agent.readNow();
  }

  status(): Status {
    return this.#init.agent.status();
  }

  reset(): number {
    const { agent, configuration, store, eraseJournal } = this.#init;
    const { queue } = agent.status();
    this.#isReset = true;
    agent.stop();
    eraseJournal();
    configuration.forget();
    forgetOwner(store);
    store.delete(NAME);
    store.delete(HOSTNAME);
    return queue;
  }

  restart(): void {
    this.#init.restart();
  }

  private text(key: string): string | undefined {
    const bytes = this.#init.store.get(key);
    return bytes === undefined ? undefined : readUtf8(bytes, 0, bytes.length);
  }

  private setText(key: string, text: string): void {
    const bytes = new Uint8Array(utf8Length(text));
    writeUtf8(text, bytes, 0);
    this.#init.store.set(key, bytes);
  }
}
