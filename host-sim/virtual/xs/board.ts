import { type Agent, type AgentEvent, createAgent } from "../../../agent/agent.js";
import type { WallTime } from "../../../agent/ports/clock.js";
import type { Sensor, SensorSample } from "../../../agent/ports/sensor.js";
import type { Signer } from "../../../agent/ports/signer.js";
import type { ChannelConfig } from "../../../agent/sampler.js";
import { HostClock } from "../../xs/board/clock.js";
import { RemoteFlash } from "../../xs/board/flash.js";
import { freezeAll } from "../../xs/board/freeze.js";
import { host } from "../../xs/board/host.js";
import { HostLink } from "../../xs/board/link.js";
import { Names } from "../../xs/board/names.js";
import { HostStore } from "../../xs/board/store.js";
import { ascii, text } from "../../xs/board/text.js";
import type { XsBoardConfig } from "../../xs/board.js";
import { FromBoard, ToBoard } from "../../xs/messages.js";
import { FromVirtual, VirtualCall } from "./messages.js";

const DOUBLE = 8;

/** The time of day may jump at any moment, so it is asked for each time. */
class RemoteClock extends HostClock {
  readonly #answer: Uint8Array;

  /** `answer`: room for two doubles, which others may use between calls. */
  constructor(answer: Uint8Array, { clock, epoch }: XsBoardConfig) {
    super(clock, epoch);
    this.#answer = answer;
  }

  override wall(): WallTime {
    host.call(VirtualCall.wall, 0, this.#answer);
    return {
      state: host.double(this.#answer, 0) as WallTime["state"],
      unix: host.double(this.#answer, DOUBLE),
    };
  }
}

/** A sensor that is sampled in Node when the agent asks for it. */
class RemoteSensor implements Sensor {
  readonly #index: number;
  readonly #channels: readonly ChannelConfig[];
  readonly #answer: Uint8Array;
  readonly #sample: Record<string, number | undefined> = {};

  /** `answer`: room for a double for each channel, which others may use between calls. */
  constructor(index: number, channels: readonly ChannelConfig[], answer: Uint8Array) {
    this.#index = index;
    this.#channels = channels;
    this.#answer = answer;
  }

  configure(): void {}

  sample(): SensorSample | undefined {
    if (host.call(VirtualCall.sample, this.#index, this.#answer) === 0) return undefined;
    for (let i = 0; i < this.#channels.length; i++) {
      const value = host.double(this.#answer, DOUBLE * i);
      this.#sample[(this.#channels[i] as ChannelConfig).property] = Number.isNaN(value) ? undefined : value;
    }
    return this.#sample;
  }

  close(): void {}
}

/** The board's own signer, which tells what it is given to sign first; Node may refuse it, or cut the power. */
class WatchedSigner implements Signer {
  readonly publicKey = new Uint8Array(33);
  #hashed: Uint8Array = this.publicKey;

  constructor() {
    host.publicKey(this.publicKey);
  }

  sha256(data: Uint8Array, into: Uint8Array, at: number): void {
    this.#hashed = data;
    host.sha256(data, into, at);
  }

  sign(digest: Uint8Array, into: Uint8Array, at: number): void {
    host.call(VirtualCall.sign, 0, undefined, digest, this.#hashed);
    host.sign(digest, into, at);
  }
}

/** The agent as host-sim/xs/board.ts has it, with ports that leave nothing for XS to decide but the agent's own doing. */
class Board {
  readonly #agent: Agent;
  readonly #clock: RemoteClock;
  readonly #links: HostLink[];

  constructor(config: XsBoardConfig) {
    // One for all: a typed array takes seven slots.
    const answer = new Uint8Array(
      DOUBLE * Math.max(2, ...config.sensors.map(({ channels }) => channels.length)),
    );
    this.#clock = new RemoteClock(answer, config);
    const topics = new Names(FromBoard.topic);
    this.#links = config.links.map((name, index) => new HostLink(index, name, topics));
    this.#agent = createAgent(
      {
        clock: this.#clock,
        random: { fill: (into) => void host.call(VirtualCall.random, into.length, into) },
        signer: new WatchedSigner(),
        store: new HostStore(config.store, true),
        flash: new RemoteFlash(config.flash),
        about: config.about,
        links: this.#links,
        // Not copies: an object costs RAM.
        sensors: config.sensors.map((it, index) =>
          Object.assign(it, { sensor: new RemoteSensor(index, it.channels, answer) }),
        ),
        observe,
      },
      config.agent,
    );
    host.send(FromVirtual.booted, this.#agent.boot);
  }

  receive(kind: number, id: number, bytes: Uint8Array | undefined): void {
    switch (kind) {
      case ToBoard.timerFired:
        this.#clock.fire(id);
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
    case "link-closed": {
      const { link, reason, wasOpen } = event;
      host.send(FromVirtual.linkClosed, wasOpen ? 1 : 0, link.length, ascii(link), ascii(reason));
      break;
    }
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
