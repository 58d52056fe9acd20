import type { Agent } from "../agent.js";
import { forgetBootRecord } from "../boot-record.js";
import { readUtf8, utf8Length, writeUtf8 } from "../cbor/utf8.js";
import type { ClockState } from "../frame/chain.js";
import { InputError } from "../input-error.js";
import type { KeyValue } from "../ports/key-value.js";
import type { StoreKey } from "../ports/store-keys.js";
import type { Status } from "../status.js";
import { isPlausible } from "../time-of-day.js";
import type { BrokerReport } from "../uplink/uplink.js";
import type { Configuration } from "./configuration.js";
import type { BoardIdentity, FoundNetwork, ProvisioningHost } from "./host.js";
import { forgetOrders } from "./obedience.js";
import { forgetOwner } from "./owner.js";
import type { Changer } from "./settings-store.js";

/** The board's radio, as far as provisioning needs it. Both call back once, never from inside. */
export interface Wifi {
  scan(done: (networks: readonly FoundNetwork[]) => void): void;
  /** An empty password: the network has none. The next call takes the place of one under way, whose callback is then dropped. */
  join(ssid: string, password: string, done: (isJoined: boolean) => void): void;
}

export interface SettableClock {
  readonly state: ClockState;
  /** When the firmware was built, Unix milliseconds. */
  readonly earliest: number;
  /** By hand, Unix time in milliseconds. A clock that the network has set stays as it is. */
  set(unix: number): void;
}

export interface BoardHostInit {
  readonly identity: BoardIdentity;
  readonly agent: Agent;
  readonly configuration: Configuration;
  readonly store: KeyValue;
  readonly clock: SettableClock;
  readonly wifi: Wifi;
  /** Has the journal's flash erased before the next boot reads it. */
  readonly eraseJournal: () => void;
  /** Restarts the board, a moment after it returns. */
  readonly restart: () => void;
  /** A technician has brought the board into another network, whose settings it keeps. */
  readonly moved: () => void;
}

const NAME = "name";
const HOSTNAME = "hostname";

/** A board as provisioning sees it, in one boot: what is kept under which key, and what a reset forgets. */
export class BoardHost implements ProvisioningHost {
  readonly identity: BoardIdentity;
  /** Whoever knows of the network says so here. */
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
    const { agent, wifi, configuration, moved } = this.#init;
    // Before it is in a network that may answer to its brokers' names, and for good: a try that
    // fails may still bring it there, late.
    if (configuration.hasBrokerPasswords) agent.leaveBrokers();
    wifi.join(ssid, password, (isJoined) => {
      let isKept = false;
      try {
        if (isJoined) configuration.merge({ wifi: { ssid, ...(password !== "" && { password }) } }, "radio");
        isKept = isJoined;
      } catch {
        // No room left beside other settings, or a store that fails: after its next start the board would be in no network.
      }
      if (isKept) this.isOnline = true;
      if (isKept) moved();
      done(isKept);
      if (configuration.hasBrokerPasswords) this.restart();
    });
  }

  configure(json: string, by?: Changer): void {
    this.#init.configuration.change(json, by);
  }

  setClock(unix: number): ClockState {
    const { clock } = this.#init;
    if (!isPlausible(unix, clock.earliest))
      throw new InputError(
        `clock: not a time of day in milliseconds since 1970, of the 20 years from ${dayOf(clock.earliest)}, when this firmware was built`,
      );
    clock.set(unix);
    return clock.state;
  }

  readNow(): Uint8Array {
    if (this.#isReset) throw new Error("the board is about to restart");
    if (this.#init.configuration.isPartial)
      throw new InputError(
        "the stored settings cannot be used as they are: give the board others, or reset it",
      );
    return this.#init.agent.readNow();
  }

  status(): Status {
    return this.#init.agent.status();
  }

  brokerReports(): readonly BrokerReport[] {
    return this.#init.agent.brokerReports();
  }

  get copies(): number {
    return this.#init.agent.copies;
  }

  reset(): number {
    const { agent, configuration, store, eraseJournal } = this.#init;
    this.#isReset = true;
    agent.finish(); // what an order's owner is told still has to go out
    const { queue } = agent.status();
    eraseJournal();
    configuration.forget();
    forgetOwner(store);
    store.delete(NAME);
    store.delete(HOSTNAME);
    if (agent.earlier !== undefined) {
      // What another identity has counted; what this one has stays.
      forgetOrders(store);
      forgetBootRecord(store);
    }
    return queue;
  }

  restart(): void {
    this.#init.restart();
  }

  private text(key: StoreKey): string | undefined {
    const bytes = this.#init.store.get(key);
    return bytes === undefined ? undefined : readUtf8(bytes, 0, bytes.length);
  }

  private setText(key: StoreKey, text: string): void {
    const bytes = new Uint8Array(utf8Length(text));
    writeUtf8(text, bytes, 0);
    this.#init.store.set(key, bytes);
  }
}

function dayOf(unix: number): string {
  return new Date(unix).toISOString().slice(0, 10);
}
