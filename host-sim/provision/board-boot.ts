import { type Agent, createAgent } from "../../agent/agent.js";
import { didOfKey } from "../../agent/frame/identity.js";
import { hex, kidOfKey } from "../../agent/frame/kid.js";
import { commandTopic, OFFLINE_STATUS, statusTopic } from "../../agent/frame/topic.js";
import { BoardHost } from "../../agent/provision/board-host.js";
import { createCommands } from "../../agent/provision/command.js";
import { agentConfig, Configuration } from "../../agent/provision/configuration.js";
import type { BoardIdentity } from "../../agent/provision/host.js";
import { createProvisioning, type Provisioning } from "../../agent/provision/server.js";
import type { Inbox } from "../../agent/settings/broker.js";
import type { Settings } from "../../agent/settings/settings.js";
import { openSensors } from "../../firmware/sensors.js";
import { random } from "../ports/random.js";
import { createSigner, signatureChecker } from "../ports/signer.js";
import { BoardClock } from "./board-clock.js";
import type { BoardEvent } from "./board-event.js";
import type { Boot, BootInit } from "./boot.js";
import { authority, linkTo } from "./broker-link.js";
import { DEFAULTS } from "./defaults.js";
import { eraseJournal, keyOf } from "./disk.js";
import { DRIVERS, SENSOR_KINDS } from "./sensors.js";
import { SimulatedWifi } from "./wifi.js";

/** Milliseconds from one try to join the stored network to the next. */
const REJOIN = 5000;

/** One boot of a simulated board's firmware: the composition root, as firmware/main.ts is a board's. Throws where stored settings are damaged. */
export class BoardBoot implements Boot {
  readonly #clock: BoardClock;
  readonly #wifi: SimulatedWifi;
  readonly #agent: Agent;
  readonly #provisioning: Provisioning;
  readonly #host: BoardHost;
  #isStarted = false;

  constructor(init: BootInit) {
    const { disk, serial } = init;
    const observe = (event: BoardEvent) => {
      init.observe(event);
      if (init.hasConsole) serial.write(Buffer.from(`${JSON.stringify(event)}\n`));
    };
    const { store, journal: flash } = disk;
    const signer = createSigner(keyOf(disk));
    const configuration = new Configuration({ store, config: DEFAULTS, kinds: SENSOR_KINDS, check });
    const { settings } = configuration;
    const sensors = openSensors(settings.sensors, DRIVERS);
    const identity = identityOf(signer, settings, init);
    const { device, network } = identity;
    const clock = new BoardClock(init.kept);
    this.#clock = clock;
    this.#wifi = new SimulatedWifi(init.wifi);
    const inbox: Inbox = {
      topic: commandTopic(network, device),
      received: (payload) => observe({ type: "command", outcome: commands.received(payload) }),
    };
    const presence = { topic: statusTopic(network, device), offline: OFFLINE_STATUS };
    const links = settings.brokers.map((broker) => linkTo(broker, { device, presence, inbox }));
    this.#agent = createAgent(
      { clock, random, signer, store, flash, links, sensors, observe },
      agentConfig(settings, sensors),
    );
    const host = new BoardHost({
      identity,
      agent: this.#agent,
      configuration,
      store,
      clock,
      wifi: this.#wifi,
      eraseJournal: () => eraseJournal(disk),
      restart: init.restart,
      joined: () => this.joined(observe),
    });
    this.#host = host;
    const commands = createCommands({ checker: signatureChecker, store, host });
    const { open } = init;
    this.#provisioning = createProvisioning({
      serial,
      host,
      signer,
      store,
      clock,
      observe,
      ...(open !== undefined && { open }),
    });
    observe({ type: "booted", device, did: identity.did, boot: this.#agent.boot, version: init.version });
    this.#provisioning.open();
    this.rejoin(configuration.wifi);
  }

  /** Somebody presses the button: provisioning opens again. */
  button(): void {
    this.#provisioning.open();
  }

  stop(): void {
    this.#provisioning.close();
    this.#wifi.stop();
    this.#agent.stop();
    this.#clock.stop();
  }

  private joined(observe: BootInit["observe"]): void {
    this.#clock.setFromNetwork();
    observe({ type: "network-up", clock: this.#clock.state });
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#agent.start();
  }

  private rejoin({ ssid, password = "" }: { readonly ssid: string; readonly password?: string }): void {
    if (ssid === "") return;
    this.#wifi.join(ssid, password, (isJoined) => {
      if (isJoined) this.#host.online();
      else this.#clock.setTimer(() => this.rejoin({ ssid, password }), REJOIN);
    });
  }
}

function identityOf(
  signer: ReturnType<typeof createSigner>,
  { network, sensors }: Settings,
  { chip, version }: BootInit,
): BoardIdentity {
  const kid = kidOfKey(signer.publicKey, signer);
  return {
    did: didOfKey(signer.publicKey),
    kid,
    device: hex(kid),
    network,
    firmware: "fieldmark",
    version,
    chip,
    model: DEFAULTS.board,
    quantities: sensors.flatMap(({ interval, channels }) =>
      channels.map(({ name, unit }) => ({ name, unit, interval })),
    ),
  };
}

function check({ brokers }: Settings): void {
  brokers.forEach(({ host, certificate }, i) => {
    if (certificate !== undefined)
      throw new RangeError(`brokers[${i}].certificate: it is not for a simulated board, which has no TLS`);
    if (!URL.canParse(`mqtt://${authority(host)}:1883`))
      throw new RangeError(`brokers[${i}].host: it is not a host name or address`);
  });
}
