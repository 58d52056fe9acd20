import type { Agent } from "../agent/agent.js";
import { eventTopic } from "../agent/frame/topic.js";
import type { Flash } from "../agent/ports/flash.js";
import type { KeyValue } from "../agent/ports/key-value.js";
import { BoardHost, type Wifi } from "../agent/provision/board-host.js";
import type { Configuration } from "../agent/provision/configuration.js";
import type { BoardIdentity } from "../agent/provision/host.js";
import type { CommandOutcome } from "../agent/provision/obedience.js";
import { Orders } from "../agent/provision/orders.js";
import {
  createProvisioning,
  type ProvisioningEvent,
  type ProvisioningServer,
} from "../agent/provision/server.js";
import type { Trial } from "../agent/provision/trial.js";
import type { DeviceClock, DeviceSigner, Platform, Watchdog } from "./platform.js";
import type { WireTime } from "./wire-time.js";

/** Milliseconds from an order to the start that it brings about: the broker is told by then that it arrived. */
export const RESTART_AFTER = 200;
/** What an owner's signature adds to settings, with a network's longest name. */
const SIGNATURE = 300;
/** Key of the mark that the journal is to be erased. */
const ERASE = "erase";

export interface AdministrationInit {
  readonly platform: Platform;
  readonly identity: BoardIdentity;
  readonly configuration: Configuration;
  readonly agent: Agent;
  readonly signer: DeviceSigner;
  readonly store: KeyValue;
  readonly clock: DeviceClock;
  readonly wifi: Wifi;
  readonly trial: Trial;
  readonly wireTime: WireTime;
  readonly observe: (event: ProvisioningEvent) => void;
  /** What became of a message of the command topic. */
  readonly answered: (outcome: CommandOutcome) => void;
}

/** How a device is changed from outside: by whoever holds its serial wire, for a time, and by its owner's orders (docs/provisioning.md). */
export class Administration {
  /** From the owner, by way of the brokers. */
  readonly orders: Orders;
  readonly #host: BoardHost;
  readonly #provisioning: ProvisioningServer | undefined;
  readonly #wireTime: WireTime;
  readonly #restart: () => void;

  /** Opens the wire, where there is one. */
  constructor(init: AdministrationInit) {
    const { platform, identity, agent, signer, store, clock, wireTime } = init;
    this.#wireTime = wireTime;
    this.#restart = platform.restart;
    const host = new BoardHost({
      ...init,
      eraseJournal: () => askToErase(store),
      restart: () => void clock.setTimer(() => this.restart(), RESTART_AFTER),
      moved: () => init.trial.begin(),
    });
    this.#host = host;
    const topic = eventTopic(identity.network, identity.device);
    this.orders = new Orders({
      signer,
      store,
      clock,
      host,
      boot: agent.boot,
      publish: (document, retain, acknowledged) => agent.publish(topic, document, retain, acknowledged),
      restart: () => host.restart(),
      observe: init.answered,
    });
    const serial = platform.openSerial();
    if (serial !== undefined)
      this.#provisioning = createProvisioning({
        ...init,
        random: platform.random,
        serial,
        host,
        room: roomOf(platform),
      });
    if (wireTime.left > 0) this.#provisioning?.open(wireTime.left);
  }

  /** The wire opens, as when the board got power: somebody presses its button. */
  button(): void {
    this.#provisioning?.open(this.#wireTime.whole);
  }

  /** Restarts the board; the wire has what is left of its time then. */
  restart(): void {
    this.#wireTime.keep(this.#provisioning?.left ?? 0);
    this.#restart();
  }

  stop(): void {
    this.orders.stop();
    this.#provisioning?.close();
  }

  /** The network is there, or is gone. */
  set isOnline(isOnline: boolean) {
    this.#host.isOnline = isOnline;
  }
}

/** Bytes of a request that a board has memory for. */
export function roomOf({ limits }: Platform): number {
  return limits.bytes + SIGNATURE;
}

/** Has the journal's flash erased before the next boot reads it. */
export function askToErase(store: KeyValue): void {
  store.set(ERASE, Uint8Array.of(1));
}

/**
 * Erases the journal where a reset has asked for it: as the next boot begins, since a board takes some 50 ms a sector, longer in all than whoever asked
 * waits for an answer. Where the power goes in the middle, it starts over.
 */
export function eraseAsAsked(store: KeyValue, flash: Flash, watchdog: Watchdog): void {
  if (store.get(ERASE) === undefined) return;
  for (let address = 0; address < flash.size; address += flash.sectorBytes) {
    flash.erase(address);
    watchdog.feed();
  }
  store.delete(ERASE);
}
