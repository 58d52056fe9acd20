import { ESPError, ESPLoader, Transport } from "esptool-js";
import { OperationError, type Step } from "../events.js";
import { type Console, ConsoleEar, diagnose } from "../unheard.js";
import { type Wire, WireError } from "../wire.js";
import { SerialDevice } from "./serial-device.js";

/** The rate at which every ROM loader listens. */
export const ROM_BAUD = 115_200;
/** Times that a chip which answered and then did not is asked from the start: one byte that got lost is enough for that. */
const TRIES = 3;
/** What esptool-js says of a chip that never answered; it has tried for long enough. */
const NO_ANSWER = "Failed to connect";
/** Round trips of the wire that an answer may take beyond esptool-js's own limit. */
const PATIENCE = 2;
/** Milliseconds that EN is held low, as esptool does. */
const RESET_HOLD = 100;
/** What else came from a board whose loader did not answer. */
const DEAD = "nothing at all comes from it: is it the board's port, and has the cable data lines?";
const GARBLED = "what comes is no text: it speaks at another rate, or the cable is bad";
const ALIVE = "its firmware speaks: the port's DTR and RTS do not reset it, so BOOT has to be held";

function whatElse(heard: Console): string {
  if (heard.bytes === 0) return DEAD;
  return diagnose(heard)?.code === "wrong-rate" ? GARBLED : ALIVE;
}

const SILENT = { clean() {}, writeLine() {}, write() {} };

/** esptool-js prints some lines even where it is told not to, and tries for long what cannot succeed any more. */
class QuietTransport extends Transport {
  isOver = false;
  /** Milliseconds more that an answer may take: esptool-js waits 100 ms for some, which is less than a slow line takes. */
  patience = 0;

  override trace(): void {}

  override write(data: Uint8Array): Promise<void> {
    return this.isOver ? Promise.reject(new ESPError("it is over")) : super.write(data);
  }

  override read(timeout: number): Promise<Uint8Array> {
    return this.isOver ? Promise.reject(new ESPError("it is over")) : super.read(timeout + this.patience);
  }
}

/** What the chip said of itself. */
export interface LoaderInfo {
  /** `esp32c3`. */
  readonly chip: string;
  /** Lower-case hex with colons. */
  readonly mac: string;
  readonly flashBytes: number;
}

/** A chip whose loader answers: the flasher stub, at the rate that was asked for or at ROM_BAUD. */
export class Loader {
  private constructor(
    private readonly wire: Wire,
    private readonly port: SerialDevice,
    private readonly transport: QuietTransport,
    private readonly esp: ESPLoader,
    readonly info: LoaderInfo,
    /** Bits a second. */
    readonly baud: number,
  ) {}

  /**
   * Resets the board into its loader, loads the stub and changes to `baud`; where nothing answers at that rate, everything goes on at
   * ROM_BAUD. Throws OperationError of `step`: `no-loader`, `cable-pulled`.
   */
  static async open(wire: Wire, baud: number, step: Step): Promise<Loader> {
    const ear = new ConsoleEar();
    const stop = wire.receive(ear.received);
    try {
      return await Loader.tries(wire, baud, step);
    } catch (error) {
      if (!(error instanceof OperationError) || error.code !== "no-loader") throw error;
      throw new OperationError(step, "no-loader", `${error.message}; ${whatElse(ear.heard)}`, error.hint);
    } finally {
      stop();
    }
  }

  private static async tries(wire: Wire, baud: number, step: Step): Promise<Loader> {
    for (let left = TRIES; ; left--)
      try {
        return await Loader.try(wire, baud, step);
      } catch (error) {
        const isSilent = error instanceof OperationError && error.message.includes(NO_ANSWER);
        if (left === 1 || isSilent || (error as OperationError).code === "cable-pulled") throw error;
      }
  }

  private static async try(wire: Wire, baud: number, step: Step): Promise<Loader> {
    // esptool-js asks for nothing of a SerialPort that SerialDevice does not have.
    const port = new SerialDevice(wire);
    const transport = new QuietTransport(port as unknown as SerialPort);
    transport.patience = PATIENCE * (wire.roundTrip ?? 0);
    const esp = new ESPLoader({
      transport,
      baudrate: baud,
      romBaudrate: ROM_BAUD,
      terminal: SILENT,
    });
    try {
      const info = await unlessClosed(wire, step, async () => {
        await esp.main();
        const mac = String(await esp.chip.readMac(esp)).toLowerCase();
        const chip = esp.chip.CHIP_NAME.toLowerCase().replaceAll("-", "");
        const size = await esp.detectFlashSize();
        return { chip, mac, flashBytes: bytesOf(size) };
      });
      return new Loader(wire, port, transport, esp, info, transport.baudrate);
    } catch (error) {
      transport.isOver = true;
      await port.close();
      if (error instanceof OperationError) throw error;
      throw new OperationError(
        step,
        "no-loader",
        `${wire.name}: the chip's loader does not answer (${firstLine(error)})`,
        "Hold BOOT, press RESET (or plug the board in), let BOOT go and try again. Try another cable: many have no data lines.",
      );
    }
  }

  /** `progress` gets bytes of `data` that the chip has taken. */
  write(at: number, data: Uint8Array, progress: (done: number) => void): Promise<void> {
    return this.run("flash", () =>
      this.esp.writeFlash({
        fileArray: [{ address: at, data }],
        flashSize: "keep",
        flashMode: "keep",
        flashFreq: "keep",
        eraseAll: false,
        compress: true,
        reportProgress: (_file, written, total) => progress(Math.floor((data.length * written) / total)),
      }),
    );
  }

  /** MD5 of a range as the chip computes it, in hex. */
  async md5(at: number, length: number, step: Step): Promise<string> {
    const text = await this.run(step, () => this.esp.flashMd5sum(at, length));
    // The ROM gives the hex digits as text, of which esptool-js makes hex again.
    return text.length === 64 ? fromHexText(text) : text;
  }

  read(at: number, length: number, step: Step): Promise<Uint8Array> {
    return this.run(step, () => this.esp.readFlash(at, length));
  }

  /** Erases whole sectors. */
  async erase(at: number, length: number): Promise<void> {
    const data = new Uint8Array(8);
    const view = new DataView(data.buffer);
    view.setUint32(0, at, true);
    view.setUint32(4, length, true);
    const timeout = this.esp.timeoutPerMb(this.esp.ERASE_REGION_TIMEOUT_PER_MB, length);
    await this.run("flash", () =>
      this.esp.checkCommand("erase region", this.esp.ESP_ERASE_REGION, data, 0, 0, timeout),
    );
  }

  /** Leaves the loader: what is in flash starts, at ROM_BAUD. The wire stays open. */
  async leave(step: Step): Promise<void> {
    await this.close();
    await resetBoard(this.wire, step);
  }

  /** Lets go of the wire, which stays open. esptool-js's own way out waits for ever where a write has failed. */
  close(): Promise<void> {
    this.transport.isOver = true;
    return this.port.close();
  }

  private async run<T>(step: Step, work: () => Promise<T>): Promise<T> {
    try {
      return await unlessClosed(this.wire, step, work);
    } catch (error) {
      if (error instanceof OperationError) throw error;
      throw new OperationError(
        step,
        "flash-failed",
        `${this.wire.name}: ${firstLine(error)}`,
        "Try again, at a lower rate (--baud 115200), with a shorter cable or another USB port.",
      );
    }
  }
}

/** Restarts the board by its reset line; where the adapter has none, the technician has to. */
export async function resetBoard(wire: Wire, step: Step): Promise<void> {
  await unlessClosed(wire, step, async () => {
    await wire.setBaud(ROM_BAUD);
    await wire.setSignals?.({ dataTerminalReady: false, requestToSend: true });
    await new Promise((resolve) => setTimeout(resolve, RESET_HOLD));
    await wire.setSignals?.({ dataTerminalReady: false, requestToSend: false });
  });
}

/** What `work` gives; but `cable-pulled` as soon as the wire is closed, instead of what times out later. */
export async function unlessClosed<T>(wire: Wire, step: Step, work: () => Promise<T>): Promise<T> {
  const pulled = () =>
    new OperationError(
      step,
      "cable-pulled",
      `${wire.name}: the connection to the board broke off`,
      "Plug the board in again and repeat: what was half written is written from the start.",
    );
  const result = work();
  result.catch(() => {}); // once the wire is closed nobody waits for it
  try {
    return await Promise.race([
      result,
      wire.closed.then(() => {
        throw pulled();
      }),
    ]);
  } catch (error) {
    throw error instanceof WireError || (await closesSoon(wire)) ? pulled() : error;
  }
}

/** Milliseconds in which a port says that it is closed, after what was under way on it has failed. */
const CLOSING = 200;

async function closesSoon(wire: Wire): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CLOSING);
  });
  const isClosed = await Promise.race([wire.closed.then(() => true), late]);
  clearTimeout(timer);
  return isClosed;
}

/** `4MB` and `512KB`; 0 where the flash does not say. */
function bytesOf(size: string | undefined): number {
  const [, number, unit] = /^(\d+)([KM])B$/.exec(size ?? "") ?? [];
  return Number(number ?? 0) << (unit === "M" ? 20 : 10);
}

const firstLine = (error: unknown) => (error as Error).message.split("\n")[0] ?? "";

/** Text in hex, 2 digits a character. */
const fromHexText = (digits: string) =>
  digits.replace(/../g, (pair) => String.fromCharCode(Number.parseInt(pair, 16)));
