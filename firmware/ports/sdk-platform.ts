import type { Link } from "../../agent/ports/link.js";
import type { Broker } from "../../agent/settings/broker.js";
import type { Settings } from "../../agent/settings/settings.js";
import { earliestOf } from "../../agent/time-of-day.js";
import type { LinkTerms, Platform } from "../platform.js";
import { BoardClock } from "./clock.js";
import { MqttLink } from "./link.js";
import { BoardRandom } from "./random.js";
import { NativeSigner } from "./signer.js";
import type { Transport } from "./transport.js";

type Common = "random" | "print" | "openSigner" | "createClock" | "createLinks";

/** What all platforms of the Moddable SDK have in common: time, key, randomness, console and MQTT. */
export abstract class SdkPlatform implements Pick<Platform, Common> {
  readonly random = new BoardRandom();
  abstract readonly config: object;

  print(line: string): void {
    trace(`${line}\n`);
  }

  openSigner(): NativeSigner {
    return new NativeSigner();
  }

  createClock(): BoardClock {
    return new BoardClock(earliestOf(this.config));
  }

  createLinks(settings: Settings, { device, presence, inbox }: LinkTerms): (broker: Broker) => Link {
    const transport = this.createTransport(settings);
    return (broker) => new MqttLink(broker, device, transport, presence, inbox);
  }

  protected abstract createTransport(settings: Settings): Transport;
}
