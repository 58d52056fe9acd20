import { type Agent, type AgentEvent, createAgent } from "../../agent/agent.js";
import type { AgentConfig } from "../../agent/config.js";
import type { ClockState } from "../../agent/frame/chain.js";
import type { Random } from "../../agent/ports/random.js";
import type { Signer } from "../../agent/ports/signer.js";
import type { ChannelConfig, SensorConfig } from "../../agent/sampler.js";
import { HostClock } from "./board/clock.js";
import { type FlashConfig, HostFlash, RemoteFlash } from "./board/flash.js";
import { freezeAll } from "./board/freeze.js";
import { host } from "./board/host.js";
import { HostLink } from "./board/link.js";
import { Names } from "./board/names.js";
import { HostSensor } from "./board/sensor.js";
import { HostStore } from "./board/store.js";
import { ascii, text } from "./board/text.js";
import { FromBoard, ToBoard } from "./messages.js";

/** What Node tells a board at its start, in JSON. */
export interface XsBoardConfig {
  readonly agent: AgentConfig;
  readonly flash: FlashConfig;
  /** Flash and store are asked of Node by synchronous calls. */
  readonly isRemote: boolean;
  /** For the status message. */
  readonly about?: object;
  /** Names of the brokers. */
  readonly links: readonly string[];
  readonly sensors: readonly { readonly interval: number; readonly channels: readonly ChannelConfig[] }[];
  /** What the key-value store holds. */
  readonly store: Readonly<Record<string, readonly number[]>>;
  readonly clock: ClockState;
  /** Unix time in milliseconds at uptime 0. */
  readonly epoch: number;
}

// Ports that are the same for every board: in flash they cost none of them RAM.
const RANDOM: Random = Object.freeze({ fill: host.random });
const SIGNER: Signer = Object.freeze({
  /** Made when it is asked for, which is at the boot. */
  get publicKey() {
    const publicKey = new Uint8Array(33);
    host.publicKey(publicKey);
    return publicKey;
  },
  sign: host.sign,
  sha256: host.sha256,
});

/** The agent with the ports that xs-host gives it: the composition root of a board on XS. */
class Board {
  readonly #agent: Agent;
  readonly #clock: HostClock;
  readonly #links: HostLink[];
  readonly #sensors: readonly SensorConfig[];

  constructor(config: XsBoardConfig) {
    this.#clock = new HostClock(config.clock, config.epoch);
    const topics = new Names(FromBoard.topic);
    this.#links = config.links.map((name, index) => new HostLink(index, name, topics));
    // Not copies: an object costs RAM.
    for (const it of config.sensors) Object.assign(it, { sensor: new HostSensor(it.channels) });
    this.#sensors = config.sensors as readonly SensorConfig[];
    this.#agent = createAgent(
      {
        clock: this.#clock,
        random: RANDOM,
        signer: SIGNER,
        store: new HostStore(config.store, config.isRemote),
        flash: config.isRemote ? new RemoteFlash(config.flash) : new HostFlash(config.flash),
        about: config.about,
        links: this.#links,
        sensors: this.#sensors,
        observe,
      },
      config.agent,
    );
  }

  private sensor(index: number): HostSensor | undefined {
    return this.#sensors[index]?.sensor as HostSensor | undefined;
  }

  receive(kind: number, id: number, bytes: Uint8Array | undefined): void {
    switch (kind) {
      case ToBoard.timerFired:
        this.#clock.fire(id);
        break;
      case ToBoard.sample:
        this.sensor(id)?.fill(bytes as Uint8Array);
        break;
      case ToBoard.sampleFailed:
        this.sensor(id)?.fail(text(bytes));
        break;
      case ToBoard.linkAcknowledged:
        this.#links[bytes?.[0] as number]?.acknowledged(id, bytes?.[1] === 1);
        break;
      case ToBoard.linkOpened:
        this.#links[id]?.opened();
        break;
      case ToBoard.linkClosed:
        this.#links[id]?.closed(text(bytes));
        break;
      case ToBoard.start:
        this.#agent.start();
        break;
      case ToBoard.finish:
        this.#agent.finish();
        break;
    }
  }
}

/** Tells Node. */
function observe(event: AgentEvent): void {
  switch (event.type) {
    case "signed":
      host.send(FromBoard.signed, event.position.sequence, event.position.boot, event.bytes, event.readings);
      break;
    case "acknowledged":
      host.send(FromBoard.acknowledged, event.position.sequence, event.position.boot);
      break;
    case "sensor-failed":
      host.send(FromBoard.sensorFailed, event.sensor, ascii(event.reason));
      break;
    case "storage-failed":
      host.send(FromBoard.storageFailed, 0, ascii(event.reason));
      break;
    case "recovered":
      host.send(FromBoard.recovered, event.pending, event.read);
      break;
    case "sector-failed":
      host.send(FromBoard.sectorFailed, event.sector, ascii(event.reason));
      break;
    case "link-opened":
      host.send(FromBoard.linkOpened, 0, ascii(event.link));
      break;
    case "link-closed":
      host.send(FromBoard.linkClosed, event.wasOpen ? 1 : 0, ascii(event.link));
      break;
  }
}

let board: Board;

/** xs-host calls `boot` once for each board, then `receive` for each message. */
Object.assign(globalThis, {
  boot(config: Uint8Array): void {
    board = new Board(JSON.parse(text(config)) as XsBoardConfig);
  },
  receive(kind: number, id: number, bytes: Uint8Array | undefined): void {
    board.receive(kind, id, bytes);
  },
});
freezeAll();
