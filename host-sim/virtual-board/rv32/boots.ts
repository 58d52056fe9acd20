import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLOCK_KEPT, CLOCK_UNSET } from "../../../agent/frame/chain.js";
import type { Link } from "../../../agent/ports/link.js";
import { STORE_KEYS } from "../../../agent/ports/store-keys.js";
import { createSystemClock } from "../../../node/ports/clock.js";
import { buildRv32 } from "../../engines/rv32/build.js";
import { ChipHost } from "../../engines/rv32/chip-host.js";
import { shapeOf } from "../../engines/xs/board-config.js";
import type { Creation } from "../../engines/xs/wire.js";
import { type OwnMessages, XsBoard } from "../../engines/xs/xs-board.js";
import type { BoardEvent } from "../board-event.js";
import type { Boot, BootInit, Boots } from "../boot.js";
import { linkTo } from "../broker-link.js";
import { DEFAULTS } from "../defaults.js";
import { keyOf } from "../disk.js";
import { SimulatedWifi } from "../wifi.js";
import type { BrokerLink, DeviceConfig } from "./board/platform.js";
import { FromDevice, ToDevice } from "./messages.js";

/** RAM in all, and of it the C stack, whose deepest point, verifying an order, is at 7.7 to 8 KB, with 512 bytes to spare. */
export const DEVICE_SIZE = { ramBytes: 76 * 1024, stackBytes: 8.5 * 1024 };
/** The firmware with its provisioning, in 76 KB with all stacks. */
export const DEVICE_CREATION: Creation = {
  slots: 1728,
  chunkBytes: 15_360,
  stackSlots: 624,
  keys: 64,
  payloadBytes: 1088,
  computrons: 50_000_000,
};
const BOARD = 0;
/** Of a stored value in one message: with its head, less than `payloadBytes`. */
const PART_BYTES = 1024;
const NOTHING = new Uint8Array(0);

/** Builds the image of a board on an emulated chip that is provisioned over its UART. `root`: the package's folder. */
export async function emulatedBoots(root: string, progress: (line: string) => void): Promise<Boots> {
  const bundle = join(root, "dist", "rv32-board.js");
  const image = await buildRv32({ root, bundle, size: DEVICE_SIZE, progress });
  return (init) => new EmulatedBoot(image, init);
}

/**
 * One boot of the firmware on an emulated chip: a machine that gets power, with the board's key, store and journal. The port's bytes go to and from
 * its UART; radio and brokers are this process's.
 */
class EmulatedBoot implements Boot, OwnMessages {
  readonly #init: BootInit;
  readonly #folder: string;
  readonly #host: ChipHost;
  readonly #wifi: SimulatedWifi;
  readonly #board: XsBoard;
  readonly #links: Link[] = [];
  #isOver = false;

  constructor(image: string, init: BootInit) {
    this.#init = init;
    const { disk, serial, wifi, observe } = init;
    const privateKey = keyOf(disk);
    this.#folder = mkdtempSync(join(tmpdir(), "fieldmark-board-"));
    this.#wifi = new SimulatedWifi(wifi);
    this.#host = new ChipHost({
      image,
      folder: this.#folder,
      hasOwnClock: true,
      hasSerial: true,
      failed: ({ message }) => this.#ended(message),
    });
    const flash = disk.journal;
    this.#board = new XsBoard(
      this.#host,
      BOARD,
      DEVICE_CREATION,
      {
        privateKey,
        store: disk.store,
        flash,
        isFlashKept: true,
        clock: createSystemClock(),
        links: this.#links,
        sensors: [],
        observe,
        ended: (reason) => this.#ended(reason),
      },
      this.#config(),
      { own: this },
    );
    for (const key of STORE_KEYS) this.#give(key, disk.store.get(key) ?? NOTHING);
    this.#board.start();
    // The machine has its memory open, and nothing of it, the key neither, is to outlive a crash of this process.
    void this.#host.ready.then(() => this.#host.machine.forget()).catch(() => {}); // `failed` hears of it
    this.#host.serial?.on("data", (data: Buffer) => this.#isOver || serial.write(data));
    serial.open({ received: (data) => this.#host.serial?.write(data), closed() {} });
  }

  button(): void {
    this.#board.deliver(ToDevice.button, 0);
  }

  stop(): void {
    this.#isOver = true;
    this.#init.serial.close();
    this.#wifi.stop();
    this.#board.stop();
    this.#host.cutPower();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  sent(kind: number, id: number, bytes: Buffer): void {
    if (this.#isOver) return;
    const { kept, observe, restart } = this.#init;
    switch (kind) {
      case FromDevice.event:
        observe(JSON.parse(bytes.toString()) as BoardEvent);
        break;
      case FromDevice.broker:
        this.#links[id] = this.#linkTo(JSON.parse(bytes.toString()) as BrokerLink);
        break;
      case FromDevice.scan:
        this.#wifi.scan((networks) =>
          this.#board.deliver(ToDevice.scanned, 0, Buffer.from(JSON.stringify(networks))),
        );
        break;
      case FromDevice.join: {
        const { ssid, password } = JSON.parse(bytes.toString()) as Record<"ssid" | "password", string>;
        this.#wifi.join(ssid, password, (isJoined) => this.#joined(id, isJoined));
        break;
      }
      case FromDevice.clock:
        kept.offset = bytes.readDoubleLE() - Date.now();
        break;
      case FromDevice.restart:
        restart();
        break;
    }
  }

  call(): Uint8Array {
    throw new Error("an emulated board makes no calls");
  }

  #config(): DeviceConfig {
    const { disk, kept, chip, version, reset, open, hasConsole } = this.#init;
    return {
      config: { ...DEFAULTS, chip, version },
      flash: shapeOf(disk.journal),
      clock: kept.offset === undefined ? CLOCK_UNSET : CLOCK_KEPT,
      epoch: Date.now() + (kept.offset ?? 0),
      reset,
      ...(open !== undefined && { open }),
      hasConsole,
    };
  }

  #give(key: string, value: Uint8Array): void {
    for (let at = 0; at < value.length; at += PART_BYTES)
      this.#board.deliver(
        ToDevice.stored,
        16 * value.length + key.length,
        Buffer.concat([Buffer.from(key), value.subarray(at, at + PART_BYTES)]),
      );
  }

  #linkTo({ broker, device, presence, topics }: BrokerLink): Link {
    const received = (payload: Uint8Array) => this.#board.deliver(ToDevice.command, 0, payload);
    const passedOver = (bytes: number) => this.#board.deliver(ToDevice.commandTooLong, bytes);
    return linkTo(broker, { device, presence, inbox: { topics, received, passedOver } });
  }

  #joined(question: number, isJoined: boolean): void {
    const unix = Buffer.alloc(isJoined ? 8 : 0);
    if (isJoined) unix.writeDoubleLE(Date.now());
    if (isJoined) this.#init.kept.offset = 0;
    this.#board.deliver(ToDevice.joined, question, unix);
  }

  /** It is silent until it is reset. */
  #ended(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.cutPower();
    this.#init.observe({ type: "boot-failed", reason });
  }
}
