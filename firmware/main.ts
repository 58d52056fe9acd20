import { type Agent, type AgentEvent, createAgent } from "../agent/agent.js";
import { hex } from "../agent/frame/kid.js";
import { commandTopic, OFFLINE_STATUS, statusTopic } from "../agent/frame/topic.js";
import type { Carriers, DiscoveryEvent, FoundBroker } from "../agent/ports/discovery.js";
import type { CommandOutcome } from "../agent/provision/command.js";
import { agentConfig, Configuration } from "../agent/provision/configuration.js";
import type { ProvisioningEvent } from "../agent/provision/server.js";
import type { Inbox, Presence } from "../agent/settings/broker.js";
import { brokerOf } from "./discovered.js";
import { identityOf } from "./identity.js";
import type { Platform } from "./platform.js";
import { Administration, eraseAsAsked } from "./provisioning.js";
import { countReset } from "./resets.js";
import { openSensors } from "./sensors.js";

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
      /** In hex, what the counts were that could not be read: they started anew. */
      readonly resetsDamaged?: string;
    }
  | { readonly type: "network-up"; readonly clock: number }
  | { readonly type: "command"; readonly outcome: CommandOutcome }
  | ProvisioningEvent
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
 * Throws what any of them throws; a board then resets, and the next boot counts it.
 */
export function boot(platform: Platform): Running {
  const { watchdog } = platform;
  const say = (event: DeviceEvent) => platform.print(JSON.stringify(event));
  watchdog.start();

  const store = platform.openStore();
  const reset = platform.resetReason();
  const { resets, damaged } = countReset(store, reset);

  const signer = platform.openSigner();

  const { config, drivers, check } = platform;
  const kinds = Object.keys(drivers);
  const configuration = new Configuration({ store, config, kinds, ...(check !== undefined && { check }) });
  const { settings } = configuration;
  const clock = platform.createClock();
  const identity = identityOf(signer, settings, config);
  const { device, network } = identity;
  const sensors = openSensors(settings.sensors, drivers);
  const presence: Presence = { topic: statusTopic(network, device), offline: OFFLINE_STATUS };
  const inbox: Inbox = {
    topic: commandTopic(network, device),
    received: (payload) => administration.received(payload),
  };
  const linkTo = platform.createLinks(settings, { device, presence, inbox });
  const flash = platform.openJournal();
  eraseAsAsked(store, flash, watchdog);
  const agent: Agent = createAgent(
    {
      clock,
      random: platform.random,
      signer,
      store,
      flash,
      links: settings.brokers.map(linkTo),
      sensors,
      about: { reset, resets },
      observe: say,
    },
    agentConfig(settings, sensors),
  );
  say({
    type: "booted",
    platform: platform.name,
    device,
    publicKey: hex(signer.publicKey),
    keyMade: signer.made,
    boot: agent.boot,
    reset,
    resets,
    ...(damaged === undefined ? {} : { resetsDamaged: damaged }),
  });

  feed();
  const wifi = platform.startNetwork(configuration, clock, {
    changed(isUp) {
      administration.isOnline = isUp;
    },
    ready() {
      say({ type: "network-up", clock: clock.state });
      agent.start();
      if (settings.discover !== false) discover(settings.discover);
    },
  });
  const administration = new Administration({
    platform,
    identity,
    configuration,
    agent,
    signer,
    store,
    clock,
    wifi,
    observe: say,
    answered: (outcome) => say({ type: "command", outcome }),
  });

  return {
    button: () => administration.button(),
    stop() {
      administration.stop();
      agent.stop();
    },
  };

  function discover(carriers: Carriers): void {
    const discovery = platform.createDiscovery(carriers, say);
    if (discovery === undefined)
      say({ type: "discovery-failed", reason: `${platform.name} cannot ask the link for brokers` });
    discovery?.start((found) => {
      say({ type: "broker-found", ...found });
      const broker = brokerOf(found, settings.discoverCertificate);
      if (broker !== undefined) agent.addLink(linkTo(broker));
    });
  }

  function feed(): void {
    watchdog.feed();
    clock.setTimer(feed, FEEDING);
  }
}

/** Says why a device cannot start, where the engine would say only that it ended. */
export function bootOrSay(platform: Platform): Running {
  try {
    return boot(platform);
  } catch (error) {
    platform.print(JSON.stringify({ type: "boot-failed", reason: String(error) }));
    throw error;
  }
}
