import { connectAsync, type MqttClient } from "mqtt";
import { hex } from "../../agent/cose/kid.js";
import { comparePositions, type Position } from "../../agent/frame/chain.js";
import { parseFrame } from "../../agent/frame/parse.js";
import { frameTopic, receiptTopic } from "../../agent/frame/topic.js";
import type { Signer } from "../../agent/ports/signer.js";
import { writeWitnessReceipt } from "../../network/witness/receipt.js";
import { createSigner } from "../../node/ports/signer.js";

export const WITNESS = createSigner(new Uint8Array(32).fill(21));
export const STRANGER = createSigner(new Uint8Array(32).fill(22));
/** Who says to be the witness, and has not its key. */
export const FORGER: Signer = { ...STRANGER, publicKey: WITNESS.publicKey };

/** A witness of one device at one broker, which says what it holds when it is told to. */
export class BoardWitness {
  /** Frames that came, each once, in the order of signing. */
  readonly frames: Position[] = [];
  readonly #network: string;
  readonly #device: Uint8Array;
  readonly #client: MqttClient;
  #came = () => {};

  private constructor(client: MqttClient, network: string, device: Uint8Array) {
    this.#client = client;
    this.#network = network;
    this.#device = device;
    client.on("message", (_, payload) => this.#take(payload));
  }

  /** `url`: of the broker. Resolves when it is subscribed. */
  static async at(url: string, network: string, device: Uint8Array): Promise<BoardWitness> {
    const client = await connectAsync(url);
    const witness = new BoardWitness(client, network, device);
    await client.subscribeAsync(frameTopic(network, hex(device)), { qos: 1 });
    return witness;
  }

  /** Resolves when so many frames, at least, have come. */
  has(count: number): Promise<void> {
    return this.#until(() => this.frames.length >= count);
  }

  /** Resolves when the frames at all these positions have come. */
  hasAll(positions: readonly Position[]): Promise<void> {
    return this.#until(() => positions.every((position) => this.#holds(position)));
  }

  /**
   * Publishes that the frames from `from` to `to`, both included, are held. By their positions, not
   * by their places in `frames`: frames from before somebody listened come after a reset, and then
   * stand before the others.
   */
  says(from: Position, to: Position, signer: Signer = WITNESS): Promise<unknown> {
    const range = { device: this.#device, from, to };
    return this.publish(writeWitnessReceipt(range, this.#network, signer));
  }

  /** On the device's receipt topic. */
  publish(payload: Uint8Array): Promise<unknown> {
    return this.#client.publishAsync(receiptTopic(this.#network, hex(this.#device)), Buffer.from(payload), {
      qos: 1,
    });
  }

  async close(): Promise<void> {
    await this.#client.endAsync();
  }

  #holds(position: Position): boolean {
    return this.frames.some((frame) => comparePositions(frame, position) === 0);
  }

  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#came = () => isSo() && resolve();
      this.#came();
    });
  }

  #take(payload: Uint8Array): void {
    const parsed = parseFrame(payload);
    if ("failure" in parsed) throw new Error(parsed.failure.detail);
    const { boot, sequence } = parsed.frame;
    if (this.#holds({ boot, sequence })) return;
    this.frames.push({ boot, sequence });
    this.frames.sort(comparePositions);
    this.#came();
  }
}
