import { connectAsync, type MqttClient } from "mqtt";
import { kidOfKey } from "../../agent/cose/kid.js";
import { didOfKey } from "../../agent/frame/identity.js";
import { frameTopic } from "../../agent/frame/topic.js";
import type { Signer } from "../../agent/ports/signer.js";
import { createSigner, hasher } from "../../node/ports/signer.js";
import { hexOf, makeFrame, reading, TEST_NETWORK } from "./frames.js";

/** Milliseconds from one round to the next. */
const ROUND = 20;

interface LoadDevice {
  readonly signer: Signer;
  readonly kid: string;
  readonly did: string;
  sequence: number;
  prev: Uint8Array;
}

/** Devices that sign chains of frames, and send them to a broker as fast as is wanted. */
export class Load {
  readonly devices: readonly LoadDevice[];
  /** Frames that the broker has acknowledged, in base64. */
  readonly published = new Set<string>();
  readonly #client: MqttClient;
  readonly #perRound: number;
  readonly #started = Date.now();
  #isOn = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(devices: number, perRound: number, client: MqttClient) {
    this.#client = client;
    this.#perRound = perRound;
    this.devices = Array.from({ length: devices }, (_, at) => {
      const signer = createSigner(new Uint8Array(32).fill(at + 2));
      const kid = hexOf(kidOfKey(signer.publicKey, signer));
      return { signer, kid, did: didOfKey(signer.publicKey), sequence: 0, prev: new Uint8Array(16) };
    });
  }

  /** `rate`: frames a second. */
  static async to(url: string, devices: number, rate: number): Promise<Load> {
    const client = await connectAsync(url, { reconnectPeriod: 100 });
    client.on("error", () => {}); // it comes back
    return new Load(devices, Math.ceil((rate * ROUND) / 1000), client);
  }

  registry(devices = this.devices): string {
    const sensors = [{ name: "temperature", unit: "Cel", min: -40, max: 85, cadence: 1 }];
    const enrolled = devices.map(({ did }) => ({ did, site: "roof", sensors }));
    return JSON.stringify({ network: TEST_NETWORK, devices: enrolled });
  }

  start(): void {
    this.#isOn = true;
    this.#running = this.#run();
  }

  /** Resolves when the broker has all that was sent. */
  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#running;
  }

  /** One frame of one device. */
  async send(at: number): Promise<void> {
    const device = this.devices[at % this.devices.length] as LoadDevice;
    const { signer, kid, prev } = device;
    const sequence = device.sequence++;
    const time = Math.floor(Date.now() / 1000);
    const uptime = 60 + Math.floor((Date.now() - this.#started) / 1000);
    const frame = makeFrame(
      [reading("temperature", "Cel", 2000 + (sequence % 500))],
      { sequence, prev, time, uptime },
      { signer },
    );
    const digest = new Uint8Array(32);
    hasher.sha256(frame, digest, 0);
    device.prev = digest.subarray(0, 16);
    await this.publish(frameTopic(TEST_NETWORK, kid), frame);
    this.published.add(Buffer.from(frame).toString("base64"));
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    await this.#client.publishAsync(topic, Buffer.from(payload), { qos: 1 });
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#client.endAsync(true);
  }

  async #run(): Promise<void> {
    for (let at = 0; this.#isOn; ) {
      const next = new Promise((resolve) => setTimeout(resolve, ROUND));
      const sent: Promise<void>[] = [];
      for (let n = 0; n < this.#perRound; n++) sent.push(this.send(at++));
      await Promise.all([...sent, next]);
    }
  }
}
