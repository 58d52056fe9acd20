import type { Wifi } from "../../../../agent/provision/board-host.js";
import type { FoundNetwork } from "../../../../agent/provision/host.js";
import { host } from "../../../engines/xs/board/host.js";
import { FromDevice } from "../messages.js";
import type { EmulatedClock } from "./clock.js";
import { parse, utf8 } from "./text.js";

/** A radio whose air is Node's, which tells the time of day with the network. */
export class EmulatedRadio implements Wifi {
  readonly #clock: EmulatedClock;
  #question = 0;
  #scanned: (networks: readonly FoundNetwork[]) => void = () => {};
  #joined: (isJoined: boolean) => void = () => {};

  constructor(clock: EmulatedClock) {
    this.#clock = clock;
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
    if (unix !== undefined) this.#clock.setFromNetwork(host.double(unix, 0));
    this.#joined(unix !== undefined);
  }
}
