import { readBootRecord } from "../agent/boot-record.js";
import type { ClockState } from "../agent/frame/chain.js";
import { InputError } from "../agent/input-error.js";
import type { KeyValue } from "../agent/ports/key-value.js";
import type { SignatureChecker, Signer } from "../agent/ports/signer.js";
import type { Configuration } from "../agent/provision/configuration.js";
import type { BoardIdentity, FoundNetwork, ProvisioningHost } from "../agent/provision/host.js";
import { forgetOwner } from "../agent/provision/owner.js";
import {
  createProvisioning,
  type ProvisioningEvent,
  type ProvisioningServer,
} from "../agent/provision/server.js";
import type { Changer } from "../agent/provision/settings-store.js";
import type { Given } from "../agent/settings/given.js";
import type { Status } from "../agent/status.js";
import { identityOf } from "./identity.js";
import type { DeviceClock, DeviceSigner, Platform } from "./platform.js";
import { askToErase, RESTART_AFTER, roomOf } from "./provisioning.js";
import type { WireTime } from "./wire-time.js";

/** Milliseconds between two feedings of the watchdog. */
const FEEDING = 1000;
const LONGEST_REASON = 200;
/** Milliseconds until the next try, where the wire may not open or there is no store to say for how long. */
const AGAIN = 10 * 60_000;

/** How far a boot came that failed. */
export interface Opened {
  store?: KeyValue;
  signer?: DeviceSigner;
  configuration?: Configuration;
  wireTime?: WireTime;
  /** Where it is there, the boot came as far as feeding the watchdog with it. */
  clock?: DeviceClock;
}

/**
 * A device that cannot start: its wire opens all the same, tells why, and takes what may mend it.
 * There is no agent, so that it signs no frame. It restarts when the wire's time is over: what
 * failed may have been a moment's fault.
 */
export class Rescue {
  readonly #provisioning: ProvisioningServer;
  readonly #clock: DeviceClock;
  readonly #time: number;
  #isStopped = false;

  /** Throws where there is no wire. */
  constructor(platform: Platform, opened: Opened, reason: string, say: (event: ProvisioningEvent) => void) {
    const serial = platform.openSerial();
    if (serial === undefined) throw new Error("there is no wire");
    const clock = opened.clock ?? platform.createClock();
    this.#clock = clock;
    const host = new FailedHost(platform, opened, clock, reason.slice(0, LONGEST_REASON));
    const { wireTime } = opened;
    this.#time = wireTime?.whole ?? AGAIN;
    this.#provisioning = createProvisioning({
      serial,
      host,
      clock,
      signer: opened.signer ?? host.noSigner,
      store: opened.signer === undefined ? host.noStore : (opened.store ?? host.noStore),
      random: platform.random,
      room: roomOf(platform),
      observe: (event) => {
        say(event);
        if (event.type === "provisioning-closed" && !this.#isStopped) host.restart();
      },
    });
    host.left = () => this.#provisioning.left;
    if (opened.clock === undefined) this.feed(platform);
    const left = wireTime?.left ?? AGAIN;
    if (left > 0) this.#provisioning.open(left);
    else clock.setTimer(() => this.#isStopped || this.#provisioning.isOpen || host.restart(), AGAIN);
  }

  button(): void {
    this.#provisioning.open(this.#time);
  }

  stop(): void {
    this.#isStopped = true;
    this.#provisioning.close();
  }

  private feed(platform: Platform): void {
    if (this.#isStopped) return;
    platform.watchdog.feed();
    this.#clock.setTimer(() => this.feed(platform), FEEDING);
  }
}

/** What it can do is: say what it is, where it has a key; take settings; be reset; restart. */
class FailedHost implements ProvisioningHost {
  readonly identity: BoardIdentity;
  readonly name = "Fieldmark, which cannot start";
  readonly hostname = "fieldmark";
  readonly isOnline = false;
  readonly url = "";
  readonly copies = 0;
  readonly noSigner: Signer & SignatureChecker;
  /** Milliseconds for which the wire goes on answering. */
  left = () => 0;
  readonly noStore: KeyValue;
  readonly #platform: Platform;
  readonly #opened: Opened;
  readonly #clock: DeviceClock;
  readonly #refuse: () => never;

  constructor(platform: Platform, opened: Opened, clock: DeviceClock, reason: string) {
    const refuse = () => {
      throw new InputError(`the board cannot start: ${reason}`);
    };
    this.#platform = platform;
    this.#opened = opened;
    this.#clock = clock;
    this.#refuse = refuse;
    this.noSigner = { publicKey: new Uint8Array(0), sign: refuse, sha256: refuse, verify: refuse };
    this.noStore = { get: refuse, set: refuse, delete: refuse };
    this.identity = this.identify(platform.config);
  }

  private identify(config: object): BoardIdentity {
    const { signer, configuration } = this.#opened;
    if (signer !== undefined && configuration !== undefined)
      return identityOf(signer, configuration.settings, config);
    const { version, chip, board }: Given = { ...config };
    return {
      ...{ did: "", kid: new Uint8Array(0), device: "", network: "", quantities: [], configuration: "" },
      ...{ firmware: "fieldmark", version: String(version), chip: String(chip), model: String(board) },
    };
  }

  setName(): void {
    this.#refuse();
  }

  setHostname(): void {
    this.#refuse();
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): void {
    this.#clock.setTimer(() => done([]), 0);
  }

  join(_ssid: string, _password: string, done: (isJoined: boolean) => void): void {
    this.#clock.setTimer(() => done(false), 0);
  }

  configure(json: string, by?: Changer): void {
    const { configuration } = this.#opened;
    if (configuration === undefined) this.#refuse();
    else configuration.change(json, by);
  }

  setClock(): ClockState {
    return this.#refuse();
  }

  readNow(): Uint8Array {
    return this.#refuse();
  }

  status(): Status {
    return this.#refuse();
  }

  brokerReports(): never[] {
    return [];
  }

  /**
   * A counter that cannot be read stays: one that started over under the same key would sign the
   * same numbers twice.
   */
  reset(): number {
    const { store, signer, configuration } = this.#opened;
    if (store === undefined || signer === undefined || configuration === undefined) return this.#refuse();
    try {
      readBootRecord(store);
    } catch {
      throw new InputError(
        "its boot counter cannot be read, which no reset mends: erase the whole chip, and it is a new device",
      );
    }
    askToErase(store);
    configuration.forget();
    forgetOwner(store);
    return 0;
  }

  restart(): void {
    this.#clock.setTimer(() => {
      this.#opened.wireTime?.keep(this.left());
      this.#platform.restart();
    }, RESTART_AFTER);
  }
}
