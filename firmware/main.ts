import { type Agent, createAgent } from "../agent/agent.js";
import type { AgentEvent } from "../agent/agent-ports.js";
import { disownBootRecord } from "../agent/boot-record.js";
import { hex } from "../agent/cose/kid.js";
import { CLOCK_SET } from "../agent/frame/chain.js";
import { commandTopic, receiptTopic, statusTopic } from "../agent/frame/topic.js";
import { InputError } from "../agent/input-error.js";
import type { DiscoveryEvent, DiscoveryScope, FoundBroker } from "../agent/ports/discovery.js";
import type { KeyValue } from "../agent/ports/key-value.js";
import type { Link } from "../agent/ports/link.js";
import { agentConfig, Configuration, withoutValue } from "../agent/provision/configuration.js";
import type { CommandOutcome } from "../agent/provision/obedience.js";
import { ownerName, ownershipName } from "../agent/provision/owner.js";
import type { ProvisioningEvent } from "../agent/provision/server.js";
import { Trial, type TrialEvent, type TrialHost } from "../agent/provision/trial.js";
import { Receipts } from "../agent/receipt/receipts.js";
import type { SensorConfig } from "../agent/sampler.js";
import type { Broker, Inbox, Presence } from "../agent/settings/broker.js";
import type { Settings } from "../agent/settings/settings.js";
import { brokerOf } from "./discovered.js";
import { identityOf } from "./identity.js";
import type { DeviceClock, DeviceSigner, Platform } from "./platform.js";
import { Administration, eraseAsAsked } from "./provisioning.js";
import { type Opened, Rescue } from "./rescue.js";
import { type CountedReset, countReset, type ResetReason } from "./resets.js";
import { openSensors } from "./sensors.js";
import { WireTime } from "./wire-time.js";

/** Milliseconds between two feedings of the watchdog. */
const FEEDING = 1000;

/** What a device says of itself on its console, beside the agent's own events: one JSON object a line. */
export type DeviceEvent =
  | AgentEvent
  | {
      readonly type: "booted";
      readonly platform: string;
      readonly device: string;
      readonly publicKey: string;
      readonly keyMade: boolean;
      readonly boot: number;
      readonly reset: string;
      readonly resets: object;
      /** In hex, what the counts were that could not be read: they start over from zero. */
      readonly resetsDamaged?: string;
    }
  | {
      /** The stored boot counter or journal is another identity's: nothing is signed before a reset. */
      readonly type: "identity-changed";
      /** Kid of the key that the board has now, in hex. */
      readonly device: string;
      /** Kid of the one that is gone; left out where it is not known. */
      readonly earlier?: string;
    }
  | { readonly type: "network-up"; readonly clock: number }
  | { readonly type: "time-failed"; readonly reason: string }
  | { readonly type: "command"; readonly outcome: CommandOutcome }
  | ProvisioningEvent
  | TrialEvent
  | DiscoveryEvent
  | (FoundBroker & { readonly type: "broker-found" });

/** A device that runs. */
export interface Running {
  /** Somebody presses its button: the wire opens, as when it got power. */
  button(): void;
  /** Ends agent and wire; the platform stops its clock and network then. Boards never do. */
  stop(): void;
}

/**
 * Starts a device: the composition root. The order is that of docs/firmware.md, and each step may count on those before it.
 * Settings with which it cannot start give way to others, until there are none. Throws what any other step throws: `bootOrSay`. `opened`: is told how far
 * the boot came.
 */
export function boot(platform: Platform, opened: Opened = {}): Running {
  const { watchdog } = platform;
  const say = (event: DeviceEvent) => platform.print(JSON.stringify(event));
  watchdog.start();

  const store = platform.openStore();
  opened.store = store;
  const reset = platform.resetReason();
  const wireTime = new WireTime(store, reset, platform.open);
  opened.wireTime = wireTime;
  const counted = { reset, ...countReset(store, reset) };

  const signer = platform.openSigner();
  opened.signer = signer;
  if (signer.made) disownBootRecord(store);

  const { config, drivers, check, limits } = platform;
  const kinds = Object.keys(drivers);
  const configuration = new Configuration({
    store,
    config,
    kinds,
    limits,
    ...(check !== undefined && { check }),
  });
  opened.configuration = configuration;
  configuration.kept.begin();
  const clock = platform.createClock();
  const parts: Parts = { platform, say, store, wireTime, counted, signer, configuration, clock };

  const feed = () => {
    watchdog.feed();
    clock.setTimer(feed, FEEDING);
  };
  feed();
  opened.clock = clock;
  for (;;)
    try {
      return new Device(parts);
    } catch (error) {
      const reason = reasonOf(error);
      if (!configuration.fallBack(reason)) throw error;
      say({ type: "settings-failed", reason });
    }
}

/** What a device is made of, whatever its settings. */
interface Parts {
  readonly platform: Platform;
  readonly say: (event: DeviceEvent) => void;
  readonly store: KeyValue;
  readonly wireTime: WireTime;
  readonly counted: CountedReset & { readonly reset: ResetReason };
  readonly signer: DeviceSigner;
  readonly configuration: Configuration;
  readonly clock: DeviceClock;
}

/** A device with the settings of this boot. */
class Device implements Running, TrialHost {
  readonly #parts: Parts;
  /** Of its settings the rest is not kept: brokers take memory. */
  readonly #discover: Pick<Settings, "discover" | "discoverCertificate">;
  readonly #linkTo: (broker: Broker) => Link;
  readonly #agent: Agent;
  readonly #trial: Trial;
  readonly #administration: Administration;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { platform, configuration, signer, clock, store, wireTime } = parts;
    const { config, drivers } = platform;
    const settings = configuration.settings;
    const { discover, discoverCertificate } = settings;
    configuration.hasBrokerPasswords = settings.brokers.some(({ password }) => password !== undefined);
    this.#discover = { discover, ...(discoverCertificate !== undefined && { discoverCertificate }) };
    const identity = identityOf(signer, settings, config);
    const { device, network } = identity;
    const sensors = openSensors(settings.sensors, drivers);
    try {
      const owned = { owner: ownerName(store, signer), ownership: ownershipName(store) };
      const offline = JSON.stringify({ state: "offline", ...owned });
      const presence: Presence = { topic: statusTopic(network, device), offline };
      const inbox: Inbox = {
        topics: [
          commandTopic(network, device),
          ...(settings.keep === "witnesses" ? [receiptTopic(network, device)] : []),
        ],
        received: (payload) => {
          if (!this.#agent.receive(payload)) this.#administration.orders.received(payload);
        },
        passedOver: (bytes) => this.#administration.orders.passedOver(bytes),
      };
      this.#linkTo = platform.createLinks(settings, { device, presence, inbox });
      this.#agent = this.createAgent(settings, sensors, identity.configuration);
    } catch (error) {
      for (const { sensor } of sensors) sensor.close();
      throw error;
    }
    this.sayBooted(device);
    const agent = this.#agent;
    const { earlier } = agent;
    if (earlier !== undefined)
      parts.say({ type: "identity-changed", device, ...(earlier.length > 0 && { earlier: hex(earlier) }) });
    const wifi = platform.startNetwork(configuration, clock, {
      changed: (isUp) => {
        this.#administration.isOnline = isUp;
      },
      timeFailed: (reason) => parts.say({ type: "time-failed", reason }),
      ready: () => this.networkReady(),
    });
    this.#trial = new Trial(configuration.kept, clock, settings.trial, this);
    this.#administration = new Administration({
      platform,
      identity,
      configuration,
      agent,
      signer,
      store,
      clock,
      wifi,
      trial: this.#trial,
      wireTime,
      observe: parts.say,
      answered: (outcome) => parts.say({ type: "command", outcome }),
    });
  }

  button(): void {
    this.#administration.button();
  }

  stop(): void {
    this.#trial.stop();
    this.#administration.stop();
    this.#agent.stop();
  }

  hasTime(): boolean {
    return this.#parts.clock.state === CLOCK_SET;
  }

  makeFrame(): void {
    if (this.#agent.status().queue === 0) this.#agent.readNow();
  }

  restart(): void {
    this.#administration.restart();
  }

  tell(event: TrialEvent): void {
    this.#parts.say(event);
    // It says that it begins before there is an administration.
    if (event.type === "settings-kept") this.#administration.orders.trialEnded("kept", "");
    if (event.type === "settings-reverted") this.#administration.orders.trialEnded("reverted", event.reason);
  }

  private createAgent(settings: Settings, sensors: readonly SensorConfig[], measures: string): Agent {
    const { platform, store, signer, clock, counted, configuration } = this.#parts;
    const flash = platform.openJournal();
    eraseAsAsked(store, flash, platform.watchdog);
    const { reset, resets } = counted;
    const about = {
      reset,
      resets,
      // A technician may have set it since the start.
      get owner() {
        return ownerName(store, signer);
      },
      get ownership() {
        return ownershipName(store);
      },
      ...(configuration.isPartial && { settings: "partial" }),
    };
    return createAgent(
      {
        clock,
        random: platform.random,
        signer,
        receipts: Receipts,
        checker: signer,
        store,
        flash,
        links: settings.brokers.map(this.#linkTo),
        sensors,
        about,
        observe: (event) => this.observe(event),
        taken: () => this.#trial.taken(),
      },
      agentConfig(settings, sensors, measures),
    );
  }

  private observe(event: AgentEvent): void {
    this.#parts.say(event);
    if (event.type !== "link-opened") return;
    this.#trial.connected();
    this.#administration.orders.connected();
  }

  private sayBooted(device: string): void {
    const { platform, say, signer, counted } = this.#parts;
    const { reset, resets, damaged } = counted;
    say({
      type: "booted",
      platform: platform.name,
      device,
      publicKey: hex(signer.publicKey),
      keyMade: signer.made,
      boot: this.#agent.boot,
      reset,
      resets,
      ...(damaged === undefined ? {} : { resetsDamaged: damaged }),
    });
  }

  /** With settings of which some are missing it measures nothing: it would sign readings that nobody has asked for. */
  private networkReady(): void {
    const { say, clock, configuration } = this.#parts;
    const { discover } = this.#discover;
    say({ type: "network-up", clock: clock.state });
    if (!configuration.isReachable || this.#agent.earlier !== undefined) return;
    this.#agent.start();
    if (configuration.isPartial) this.#agent.finish();
    if (discover !== false) this.discover(discover);
  }

  private discover(scope: DiscoveryScope): void {
    const { platform, say } = this.#parts;
    const discovery = platform.createDiscovery(scope, say);
    if (discovery === undefined)
      say({ type: "discovery-failed", reason: `${platform.name} cannot ask the link for brokers` });
    discovery?.start((found) => {
      say({ type: "broker-found", ...found });
      const broker = brokerOf(found, this.#discover.discoverCertificate);
      if (broker !== undefined) this.#agent.addLink(this.#linkTo(broker));
    });
  }
}

/** Of settings' own errors the words, which repeat no value. */
function reasonOf(error: unknown): string {
  return error instanceof InputError ? withoutValue(error) : `failed (${(error as Error).name})`;
}

/** Says why a device cannot start, on its console and over its wire; throws where it has none. */
export function bootOrSay(platform: Platform): Running {
  const opened: Opened = {};
  const say = (event: object) => platform.print(JSON.stringify(event));
  try {
    return boot(platform, opened);
  } catch (error) {
    const reason = String(error);
    say({ type: "boot-failed", reason });
    try {
      return new Rescue(platform, opened, reason, say);
    } catch {
      throw error;
    }
  }
}
