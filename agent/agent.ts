import type { AgentPorts } from "./agent-ports.js";
import { Batch } from "./batch.js";
import { readBootRecord, writeBootRecord } from "./boot-record.js";
import { type AgentConfig, checkConfig, textBytes } from "./config.js";
import { hex, isSameBytes, kidOfKey } from "./cose/kid.js";
import { CLOCK_UNSET, type Position } from "./frame/chain.js";
import { MAX_UNIX_SECONDS, MIN_UNIX_SECONDS } from "./frame/layout.js";
import { frameTopic, statusTopic } from "./frame/topic.js";
import { FrameWriter } from "./frame/write.js";
import { InputError } from "./input-error.js";
import { type Journal, type JournalHandler, openJournal } from "./journal/journal.js";
import type { Timer } from "./ports/clock.js";
import type { Link } from "./ports/link.js";
import type { Receipts, ReceiptsHandler } from "./receipt/receipts.js";
import {
  type ChannelConfig,
  createSampler,
  type Sampler,
  type SamplerHandler,
  type SensorConfig,
} from "./sampler.js";
import { encodeStatus, oldestAge, type Status } from "./status.js";
import { FIRST_OTHER_ID, STATUS_ID } from "./uplink/session.js";
import { type BrokerReport, createUplink, type Uplink, type UplinkHandler } from "./uplink/uplink.js";

// Not looked up each time: on XS the global object is a long list.
const { ceil, floor } = Math;

export interface Agent {
  /** The device's name in topics: its kid in lower-case hex. */
  readonly device: string;
  /** 0 where there is an `earlier` identity. */
  readonly boot: number;
  /**
   * Kid of the identity whose boots, or frames, are stored here, where it is another than the key's: the key was lost or replaced. Empty where
   * it is not known. Then nothing is signed or written, until both are forgotten.
   */
  readonly earlier: Uint8Array | undefined;
  /** Throws where there is an `earlier` identity. */
  start(): void;
  /** Uses a broker that was found later, for instance by mDNS. */
  addLink(link: Link): void;
  /** What the status message says now. */
  status(): Status;
  /** How the configured brokers take the board. */
  brokerReports(): readonly BrokerReport[];
  /** Brokers that it wants to be connected to. */
  readonly copies: number;
  /**
   * Samples all sensors, and returns a copy of the frame that has it, which is in the journal then, and goes the way of all frames. It need
   * not be started. Of several frames the last. Throws InputError where there is an `earlier` identity; and where no sensor gives anything, or where it cannot be kept.
   */
  readNow(): Uint8Array;
  /**
   * Publishes to all brokers that are connected, and returns how many those are. `acknowledged`: called for each of them that has it, until
   * something else is published here.
   */
  publish(topic: string, payload: Uint8Array, retain: boolean, acknowledged: () => void): number;
  /**
   * A message of the receipt topic, which is kept. Whether it is a witness's receipt by its form; false where frames do not wait for
   * witnesses. Never throws.
   */
  receive(message: Uint8Array): boolean;
  /** No more samples; what was sampled goes into a last frame. Frames go on being sent. */
  finish(): void;
  /**
   * Ends all sessions, and opens none until the next boot: the network that the board goes into may
   * not be its brokers'.
   */
  leaveBrokers(): void;
  /** Closes everything. What is still in the journal stays there. */
  stop(): void;
}

/** Why a board signs nothing, and what to do. */
const CHANGED =
  "this board's key is not the one that its boot counter or journal belongs to: the key was lost or replaced. Nothing is signed before the board is reset, or flashed with --erase-identity; then enrol it as a new device";

/** Milliseconds from one status message to the next. */
const STATUS_INTERVAL = 60_000;

/**
 * One board: samples, signs, keeps, sends. Recovers the journal, takes the next boot number, and makes it durable before it returns.
 * Throws InputError for a configuration that cannot work, and what the ports throw.
 */
export function createAgent(ports: AgentPorts, config: AgentConfig): Agent {
  checkConfig(config, ports.sensors);
  return new Board(ports, config);
}

class Board implements Agent, SamplerHandler, UplinkHandler, JournalHandler, ReceiptsHandler {
  readonly device: string;
  readonly boot: number;
  readonly earlier: Uint8Array | undefined;
  readonly #ports: AgentPorts;
  readonly #age: number;
  readonly #configuration: string;
  readonly #writer: FrameWriter;
  readonly #batch: Batch;
  readonly #sampler: Sampler;
  readonly #uplink: Uplink;
  readonly #journal: Journal;
  /** Undefined where frames leave by the brokers' word. */
  readonly #receipts: Receipts | undefined;
  readonly #statusTopic: string;
  #sequence = 0;
  /** The frame that was kept last, until the next is begun: a view of the writer's buffer. */
  #frame: Uint8Array | undefined;
  #failedSectors = 0;
  /** Id of what was published last beside frames and statuses, and whoever waits for its acknowledgements. */
  #published = FIRST_OTHER_ID;
  #acknowledged: (() => void) | undefined;
  #sealTimer: Timer | undefined;
  #statusTimer: Timer | undefined;
  readonly #timeIsUp = () => this.send();
  readonly #statusIsDue = () => this.report();

  constructor(ports: AgentPorts, config: AgentConfig) {
    const { clock, signer, store, flash, observe } = ports;
    const kid = kidOfKey(signer.publicKey, signer);
    const { frameBytes } = config;
    this.device = hex(kid);
    this.#ports = ports;
    this.#age = config.age;
    this.#configuration = config.configuration;
    this.#writer = new FrameWriter(config.network, kid, frameBytes, textBytes(ports.sensors));
    this.#batch = new Batch(config.readings);
    this.#statusTopic = statusTopic(config.network, this.device);
    const last = readBootRecord(store, kid);
    const journal = openJournal({
      flash,
      hasher: signer,
      kid,
      frameBytes,
      resumption: last.resumption,
      handler: this,
    });
    this.#journal = journal;
    const owner = last.kid ?? journal.stranger;
    this.earlier = owner === undefined || isSameBytes(owner, kid) ? undefined : owner;
    this.boot = this.earlier === undefined ? Math.max(last.boot, journal.boot) + 1 : 0;
    if (this.earlier === undefined) {
      writeBootRecord(store, this.boot, journal.resumption, kid);
      journal.begin();
    }
    observe({ type: "recovered", pending: journal.pending, read: journal.read });
    this.#sampler = createSampler(ports.sensors, clock, this);
    this.#receipts = this.createReceipts(config, kid);
    this.#uplink = createUplink({
      links: ports.links,
      journal: this.#receipts?.backlog ?? journal,
      topic: frameTopic(config.network, this.device),
      preference: kid[0] as number,
      clock,
      random: ports.random,
      config: config.uplink,
      handler: this,
    });
  }

  start(): void {
    this.checkIdentity();
    this.#statusTimer = this.#ports.clock.setTimer(this.#statusIsDue, STATUS_INTERVAL);
    this.#uplink.start();
    this.#sampler.start();
  }

  addLink(link: Link): void {
    this.#uplink.add(link);
  }

  status(): Status {
    const journal = this.#journal;
    const uptime = floor(this.#ports.clock.uptime() / 1000);
    let dropped = 0;
    for (const { first, last } of journal.owed) dropped += last - first + 1;
    return {
      state: "online",
      boot: this.boot,
      uptime,
      queue: journal.pending,
      oldest: oldestAge(journal, this.boot, uptime),
      brokers: this.#uplink.brokers,
      dropped,
      flash: this.#failedSectors,
    };
  }

  get copies(): number {
    return this.#uplink.copies;
  }

  brokerReports(): readonly BrokerReport[] {
    return this.#uplink.reports;
  }

  readNow(): Uint8Array {
    this.checkIdentity();
    this.seal(); // what waits goes by itself
    this.#frame = undefined;
    this.#sampler.once();
    this.seal();
    const frame = (this.#frame as Uint8Array | undefined)?.slice();
    this.#uplink.pump();
    if (frame === undefined) throw new Error("no sensor gave a reading, or the frame could not be kept");
    return frame;
  }

  publish(topic: string, payload: Uint8Array, retain: boolean, acknowledged: () => void): number {
    const id = this.#published + 1 < STATUS_ID ? this.#published + 1 : FIRST_OTHER_ID;
    this.#published = id;
    this.#acknowledged = acknowledged;
    return this.#uplink.publish(id, topic, payload, retain);
  }

  receive(message: Uint8Array): boolean {
    return this.#receipts?.received(message) ?? false;
  }

  finish(): void {
    this.#sampler.stop();
    this.send();
  }

  leaveBrokers(): void {
    this.#uplink.stop();
  }

  stop(): void {
    this.#sampler.stop();
    this.clearSealTimer();
    if (this.#statusTimer !== undefined) this.#ports.clock.clearTimer(this.#statusTimer);
    this.#receipts?.stop();
    this.#uplink.stop();
    for (const { sensor } of this.#ports.sensors) sensor.close();
  }

  reading(channel: number, mantissa: number, time: number): void {
    this.#batch.add(channel, mantissa, time);
    if (this.#batch.full) this.seal();
  }

  sampled(): void {
    if (this.#batch.count > 0 && this.#sealTimer === undefined)
      this.#sealTimer = this.#ports.clock.setTimer(this.#timeIsUp, this.#age);
    this.#uplink.pump();
  }

  failed(sensor: number, reason: string): void {
    this.#ports.observe({ type: "sensor-failed", sensor, reason });
  }

  holds(id: number): number {
    if (this.#receipts !== undefined) return 0; // what brokers say is not enough
    return (this.#uplink as Uplink | undefined)?.holds(id) ?? 0; // none while the journal recovers
  }

  delivered(position: Position): void {
    this.acknowledged(position);
  }

  sectorFailed(sector: number, reason: string): void {
    this.#failedSectors++;
    this.#ports.observe({ type: "sector-failed", sector, reason });
  }

  opened(link: string): void {
    this.#ports.observe({ type: "link-opened", link });
    if (this.#receipts?.backlog.opened(this.#ports.clock.uptime()) === true) this.#uplink.unpark();
    this.tell();
  }

  closed(link: string, reason: string, wasOpen: boolean): void {
    this.#ports.observe({ type: "link-closed", link, reason, wasOpen });
  }

  taken(): void {
    this.#ports.taken?.();
  }

  acknowledged(position: Position): void {
    this.#ports.observe({ type: "acknowledged", position });
  }

  hasSigned({ boot, sequence }: Position): boolean {
    return boot < this.boot || (boot === this.boot && sequence < this.#sequence);
  }

  published(id: number): void {
    if (id === this.#published) this.#acknowledged?.();
  }

  private createReceipts({ network, witnesses }: AgentConfig, kid: Uint8Array): Receipts | undefined {
    const { clock, receipts: Maker, checker } = this.#ports;
    if (witnesses === undefined) return undefined;
    if (Maker === undefined || checker === undefined)
      throw new RangeError("frames stay for witnesses: ports.receipts and ports.checker are needed");
    return new Maker({
      network,
      kid,
      config: witnesses,
      journal: this.#journal,
      checker,
      clock,
      handler: this,
    });
  }

  private checkIdentity(): void {
    if (this.earlier !== undefined) throw new InputError(CHANGED);
  }

  private send(): void {
    this.seal();
    this.#uplink.pump();
  }

  private report(): void {
    this.#statusTimer = this.#ports.clock.setTimer(this.#statusIsDue, STATUS_INTERVAL);
    if (this.#receipts?.backlog.look(this.#ports.clock.uptime()) === true) this.#uplink.unpark();
    this.#uplink.pump(); // frames may have waited for a broker for long enough, where none is sampled
    this.tell();
  }

  /** Publishes the status. */
  private tell(): void {
    const status = encodeStatus(this.status(), this.#ports.about ?? {});
    this.#uplink.publish(STATUS_ID, this.#statusTopic, status, true);
  }

  /**
   * Turns the batch into a frame, which is durable before it is sent. A position that was signed for is never used again, whatever
   * fails after.
   */
  private seal(): void {
    this.clearSealTimer();
    const readings = this.#batch.count;
    if (readings === 0) return;
    const { observe } = this.#ports;
    const journal = this.#journal;
    const position = { boot: this.boot, sequence: this.#sequence++ };
    this.#frame = undefined;
    try {
      const frame = this.sign(position);
      journal.append(position, frame);
      this.#frame = frame;
      observe({ type: "signed", position, bytes: frame.length, readings });
    } catch (error) {
      journal.lose({ boot: this.boot, first: position.sequence, last: position.sequence });
      observe({ type: "storage-failed", reason: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#batch.clear();
    }
  }

  private sign({ boot, sequence }: Position): Uint8Array {
    const { clock, sensors, signer } = this.#ports;
    const batch = this.#batch;
    const writer = this.#writer;
    // Base time is the second in which the latest reading was taken, rounded up, so that no reading is later.
    const uptime = ceil(batch.latest() / 1000);
    const wall = clock.wall();
    const time = floor((wall.unix - clock.uptime()) / 1000 + uptime);
    // A clock that says less, or more, was never set, whatever its state: judges refuse such a base time.
    const state = time >= MIN_UNIX_SECONDS && time <= MAX_UNIX_SECONDS ? wall.state : CLOCK_UNSET;
    const dropped = this.#journal.losses;
    const configuration = this.#configuration;
    writer.begin(
      { boot, sequence, prev: this.#journal.prev, uptime, clock: state, time, configuration, dropped },
      batch.count,
    );
    let sensor = 0;
    let { channels } = sensors[sensor] as SensorConfig;
    let first = 0; // number of the sensor's first channel
    for (let i = 0; i < batch.count; i++) {
      const number = batch.channel(i);
      while (number >= first + channels.length) {
        first += channels.length;
        channels = (sensors[++sensor] as SensorConfig).channels;
      }
      const { name, unit, digits } = channels[number - first] as ChannelConfig;
      writer.reading(name, unit, batch.mantissa(i), -digits, uptime * 1000 - batch.time(i));
    }
    return writer.finish(signer);
  }

  private clearSealTimer(): void {
    if (this.#sealTimer !== undefined) this.#ports.clock.clearTimer(this.#sealTimer);
    this.#sealTimer = undefined;
  }
}
