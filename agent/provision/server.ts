import { readUtf8, utf8Length } from "../cbor/utf8.js";
import { InputError } from "../input-error.js";
import type { Clock, Timer } from "../ports/clock.js";
import type { KeyValue } from "../ports/key-value.js";
import type { Random } from "../ports/random.js";
import type { Serial, SerialHandler } from "../ports/serial.js";
import type { SignatureChecker, Signer } from "../ports/signer.js";
import { Answers } from "./answers.js";
import { Exchange, type ExchangeHandler, FIELDMARK, PART_HEAD } from "./exchange.js";
import type { FoundNetwork, ProvisioningHost } from "./host.js";
import {
  BAD_HOSTNAME,
  CURRENT_STATE,
  DEVICE_INFO,
  DEVICE_NAME,
  ERROR_STATE,
  HOSTNAME,
  INVALID_PACKET,
  NO_ERROR,
  type PacketHandler,
  PacketReader,
  PacketWriter,
  REQUEST_STATE,
  RPC_COMMAND,
  SCAN,
  STATE_PROVISIONED,
  STATE_PROVISIONING,
  STATE_READY,
  UNABLE_TO_CONNECT,
  UNKNOWN_COMMAND,
  UNKNOWN_ERROR,
  WIFI_SETTINGS,
} from "./improv.js";
import { isDeviceName, isHostname } from "./names.js";
import { OWNERSHIP_BYTES, ownerOf } from "./owner.js";

export interface ProvisioningInit {
  readonly serial: Serial;
  readonly host: ProvisioningHost;
  readonly signer: Signer & SignatureChecker;
  readonly store: KeyValue;
  readonly clock: Clock;
  readonly random: Random;
  /** Bytes of a request for which there is memory; all that fit into its parts where it is left out. */
  readonly room?: number;
  /** Told when it opens, closes, and when something was done over it. Must not throw. */
  readonly observe?: (event: ProvisioningEvent) => void;
}

export type ProvisioningEvent =
  | { readonly type: "provisioning-open" | "provisioning-closed" | "wifi-joining" | "wifi-joined" }
  | { readonly type: "wifi-refused" };

export interface ProvisioningServer {
  readonly isOpen: boolean;
  /** Milliseconds for which it goes on answering; 0 where it is not open. */
  readonly left: number;
  /** Answers for so many milliseconds from now on: after power-up, and when somebody presses the board's button. Nothing prolongs that. */
  open(time: number): void;
  /** Answers nothing any more; its buffers are freed. */
  close(): void;
}

/** Milliseconds that joining a network may take. */
const JOIN_LIMIT = 28_000;
/** Milliseconds after which the rest of a packet is no longer waited for. */
const PACKET_LIMIT = 500;
/** Milliseconds from one network of a scan to the next: the wire's buffer is small. */
const NETWORK_INTERVAL = 10;
const MAX_NETWORKS = 24;
/** IEEE 802.11 §9.4.2.2. */
const MAX_SSID_BYTES = 32;

/**
 * An Improv Serial server with Fieldmark's commands: whoever holds the wire can set up the board. It answers only while it is open. Bytes
 * that are no packets are passed over; what was wrong changes nothing.
 */
export function createProvisioning(init: ProvisioningInit): ProvisioningServer {
  return new Server(init);
}

class Server implements ProvisioningServer {
  readonly #init: ProvisioningInit;
  #session: Session | undefined;
  #timer: Timer | undefined;
  #until = 0;
  readonly #isTime = () => this.close();

  constructor(init: ProvisioningInit) {
    this.#init = init;
  }

  get isOpen(): boolean {
    return this.#session !== undefined;
  }

  get left(): number {
    return this.isOpen ? Math.max(0, this.#until - this.#init.clock.uptime()) : 0;
  }

  open(time: number): void {
    if (this.#session !== undefined) return;
    const { clock, observe } = this.#init;
    this.#until = clock.uptime() + time;
    this.#timer = clock.setTimer(this.#isTime, time);
    this.#session = new Session(this.#init, this);
    observe?.({ type: "provisioning-open" });
  }

  close(): void {
    if (this.#timer !== undefined) this.#init.clock.clearTimer(this.#timer);
    this.#timer = undefined;
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    session.end();
    this.#init.observe?.({ type: "provisioning-closed" });
  }
}

/** From opening to closing: all that takes memory. */
class Session implements SerialHandler, PacketHandler, ExchangeHandler {
  readonly #init: ProvisioningInit;
  readonly #server: ProvisioningServer;
  readonly #reader: PacketReader;
  readonly #writer = new PacketWriter();
  readonly #exchange: Exchange;
  readonly #answers: Answers;
  /** Counts up: what is called back for an earlier try, or after the end, is nobody's. */
  #turn = 0;
  #isEnded = false;
  #isJoining = false;
  #receivedAt = 0;
  #joinTimer: Timer | undefined;
  #networks: readonly FoundNetwork[] | undefined;
  #isScanning = false;
  #nextNetwork = 0;
  #scanTimer: Timer | undefined;
  readonly #tookTooLong = () => this.joined(this.#turn, false);
  readonly #nextIsDue = () => this.tellNetwork();

  constructor(init: ProvisioningInit, server: ProvisioningServer) {
    this.#init = init;
    this.#server = server;
    this.#reader = new PacketReader(this);
    this.#exchange = new Exchange(this, init.room);
    const session = new Uint8Array(OWNERSHIP_BYTES);
    init.random.fill(session);
    this.#answers = new Answers(init, session);
    init.serial.open(this);
  }

  end(): void {
    const { clock, serial } = this.#init;
    this.#isEnded = true;
    for (const timer of [this.#joinTimer, this.#scanTimer]) if (timer !== undefined) clock.clearTimer(timer);
    serial.close();
  }

  // The wire.

  received(data: Uint8Array): void {
    const now = this.#init.clock.uptime();
    if (this.#reader.isInside && now - this.#receivedAt > PACKET_LIMIT) this.#reader.giveUp();
    this.#receivedAt = now;
    this.#reader.received(data);
  }

  closed(): void {
    this.#server.close();
  }

  damaged(type: number): void {
    if (type === RPC_COMMAND) this.fail(INVALID_PACKET);
  }

  packet(type: number, data: Uint8Array): void {
    if (type !== RPC_COMMAND || this.#isEnded) return;
    if (data.length < 2 || data[1] !== data.length - 2) {
      this.fail(INVALID_PACKET);
      return;
    }
    const body = data.subarray(2);
    const command = data[0] as number;
    if (command !== FIELDMARK) this.#exchange.forget();
    try {
      this.run(command, body);
    } catch {
      this.fail(UNKNOWN_ERROR); // why is the board's own affair: it may hold a secret
    }
  }

  private run(command: number, body: Uint8Array): void {
    switch (command) {
      case WIFI_SETTINGS:
        this.join(body);
        break;
      case REQUEST_STATE:
        this.ok();
        this.tellState();
        if (this.state === STATE_PROVISIONED) this.tellUrl(command);
        break;
      case DEVICE_INFO:
        this.ok();
        this.tellInfo();
        break;
      case SCAN:
        this.scan();
        break;
      case HOSTNAME:
      case DEVICE_NAME:
        this.rename(command, body);
        break;
      case FIELDMARK:
        this.#exchange.received(body);
        break;
      default:
        this.fail(UNKNOWN_COMMAND);
    }
  }

  // Fieldmark's commands.

  answer(command: number, body: Uint8Array): Uint8Array {
    return this.#answers.answer(command, body);
  }

  tooLong(command: number, bytes: number): Uint8Array {
    return this.#answers.tooLong(command, bytes);
  }

  part(command: number, serial: number, index: number, count: number, bytes: Uint8Array): void {
    const writer = this.#writer;
    writer.beginResult(FIELDMARK);
    writer.byte(PART_HEAD + bytes.length);
    writer.byte(command);
    writer.byte(serial);
    writer.byte(index);
    writer.byte(count);
    writer.bytes(bytes);
    this.send();
  }

  invalid(): void {
    this.fail(INVALID_PACKET);
  }

  // Wi-Fi.

  private join(body: Uint8Array): void {
    const ssidEnd = 1 + (body[0] ?? 0);
    const passwordEnd = ssidEnd + 1 + (body[ssidEnd] ?? 0);
    const ssid = ssidEnd < body.length ? readUtf8(body, 1, ssidEnd) : undefined;
    const password = passwordEnd === body.length ? readUtf8(body, ssidEnd + 1, passwordEnd) : undefined;
    if (!ssid || password === undefined) {
      this.fail(INVALID_PACKET);
      return;
    }
    const { clock, host, store } = this.#init;
    if (ownerOf(store) !== undefined) {
      // Whose network the board is in decides what it hears of names and of the time: the owner gives it, signed, among the settings.
      this.#init.observe?.({ type: "wifi-refused" });
      this.fail(UNABLE_TO_CONNECT);
      return;
    }
    const turn = ++this.#turn;
    this.stopJoinTimer();
    this.ok();
    this.#isJoining = true;
    this.tellState();
    this.#joinTimer = clock.setTimer(this.#tookTooLong, JOIN_LIMIT);
    this.#init.observe?.({ type: "wifi-joining" });
    host.join(ssid, password, (isJoined) => this.joined(turn, isJoined));
  }

  private joined(turn: number, isJoined: boolean): void {
    if (turn !== this.#turn || !this.#isJoining || this.#isEnded) return;
    this.#isJoining = false;
    this.stopJoinTimer();
    this.#init.observe?.({ type: isJoined ? "wifi-joined" : "wifi-refused" });
    if (!isJoined) this.fail(UNABLE_TO_CONNECT);
    this.tellState();
    if (isJoined) this.tellUrl(WIFI_SETTINGS);
  }

  private stopJoinTimer(): void {
    if (this.#joinTimer !== undefined) this.#init.clock.clearTimer(this.#joinTimer);
    this.#joinTimer = undefined;
  }

  private scan(): void {
    this.ok();
    if (this.#isScanning) return; // its networks answer both
    this.#isScanning = true;
    this.#init.host.scan((networks) => {
      if (this.#isEnded) return;
      this.#networks = networks.filter(isNetwork);
      this.#nextNetwork = 0;
      this.tellNetwork();
    });
  }

  /** One network a packet, and at last a packet with none. */
  private tellNetwork(): void {
    const network = this.#networks?.[this.#nextNetwork];
    const isOne = network !== undefined && this.#nextNetwork < MAX_NETWORKS;
    const writer = this.#writer;
    writer.beginResult(SCAN);
    if (isOne) {
      writer.text(network.ssid);
      writer.text(String(network.rssi));
      writer.text(network.isSecured ? "YES" : "NO");
      this.#nextNetwork++;
      this.#scanTimer = this.#init.clock.setTimer(this.#nextIsDue, NETWORK_INTERVAL);
    } else {
      this.#isScanning = false;
      this.#networks = undefined;
      this.#scanTimer = undefined;
    }
    this.send();
  }

  private rename(command: number, body: Uint8Array): void {
    const { host } = this.#init;
    const isHost = command === HOSTNAME;
    if (body.length > 0) {
      const name = readUtf8(body, 0, body.length);
      try {
        if (name === undefined || !(isHost ? isHostname(name) : isDeviceName(name)))
          throw new InputError("name");
        if (isHost) host.setHostname(name);
        else host.setName(name);
      } catch (error) {
        const isBad = error instanceof InputError;
        this.fail(!isBad ? UNKNOWN_ERROR : isHost ? BAD_HOSTNAME : INVALID_PACKET);
        return;
      }
    }
    this.ok();
    this.#writer.beginResult(command);
    this.#writer.text(isHost ? host.hostname : host.name);
    this.send();
  }

  // Answers.

  private get state(): number {
    if (this.#isJoining) return STATE_PROVISIONING;
    return this.#init.host.isOnline ? STATE_PROVISIONED : STATE_READY;
  }

  private tellState(): void {
    this.#writer.begin(CURRENT_STATE);
    this.#writer.byte(this.state);
    this.send();
  }

  private tellUrl(command: number): void {
    const { url } = this.#init.host;
    this.#writer.beginResult(command);
    if (url !== "") this.#writer.text(url);
    this.send();
  }

  private tellInfo(): void {
    const { identity, name } = this.#init.host;
    const { firmware, version, chip } = identity;
    this.#writer.beginResult(DEVICE_INFO);
    for (const text of [firmware, version, chip, name]) this.#writer.text(text);
    this.send();
  }

  private ok(): void {
    this.fail(NO_ERROR);
  }

  private fail(error: number): void {
    this.#writer.begin(ERROR_STATE);
    this.#writer.byte(error);
    this.send();
  }

  private send(): void {
    if (!this.#isEnded) this.#init.serial.write(this.#writer.finish());
  }
}

/** Hidden networks have no name. */
function isNetwork({ ssid }: FoundNetwork): boolean {
  return ssid !== "" && utf8Length(ssid) <= MAX_SSID_BYTES;
}
