import type { Wifi } from "../../../agent/provision/board-host.js";
import type { FoundNetwork } from "../../../agent/provision/host.js";
import type { NetworkHandler } from "../../../firmware/platform.js";
import { host } from "../../xs/board/host.js";
import { FromDevice } from "../device-messages.js";
import type { EmulatedClock } from "./clock.js";
import { parse, utf8 } from "./text.js";

/** Milliseconds from one try to join the stored network to the next. */
const REJOIN = 5000;

/** A radio whose air is Node's. The time of day comes with the network. */
export class EmulatedWifi implements Wifi {
  readonly #clock: EmulatedClock;
  readonly #handler: NetworkHandler;
  #question = 0;
  #isReady = false;
  #scanned: (networks: readonly FoundNetwork[]) => void = () => {};
  #joined: (isJoined: boolean) => void = () => {};

  constructor(clock: EmulatedClock, handler: NetworkHandler) {
    this.#clock = clock;
    this.#handler = handler;
  }

  /** The stored network, for as long as it takes. */
  keep(ssid: string, password: string): void {
    this.join(ssid, password, (isJoined) => {
      if (!isJoined) this.#clock.setTimer(() => this.keep(ssid, password), REJOIN);
    });
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): void {
    this.#scanned = done;
    host.send(FromDevice.scan, 0);
  }

  join(ssid: string, password: string, done: (isJoined: boolean) => void): void {
    this.#joined = done;
    host.send(FromDevice.join, ++this.#question, utf8(JSON.stringify({ ssid, password })));
  }

  heard(networks: Uint8Array): void {
    this.#scanned(parse(networks) as FoundNetwork[]);
  }

  answered(question: number, unix: Uint8Array | undefined): void {
    if (question !== this.#question) return;
    if (unix === undefined) {
      this.#joined(false);
      return;
    }
    this.#clock.setFromNetwork(host.double(unix, 0));
    this.#handler.changed(true);
    this.#joined(true);
    if (this.#isReady) return;
    this.#isReady = true;
    this.#handler.ready();
  }
}
