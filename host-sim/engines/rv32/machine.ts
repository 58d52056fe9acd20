import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { openToChange, replaceFile } from "../../../node/files.js";
import { machineArguments, QEMU } from "./qemu.js";

/** The machine's memory, and where the board's own flash lies in it, from its start (native/board.ld). */
const MEMORY_BYTES = 8 << 20;
const JOURNAL_AT = 0x40_0000;
/** The largest flash that a board can have. */
export const JOURNAL_BYTES = 1 << 20;
const ERASED = 0xff;

export interface MachineOptions {
  /** What it boots (build.ts). */
  readonly image: string;
  /** Where its memory is kept, a file; made where there is none. */
  readonly folder: string;
  /** Instructions are counted, one a nanosecond of the machine's time, and its noise is a generator's: the same in each run. */
  readonly isCounted?: boolean;
  /** Its UART is the socket that it gets as descriptor 3; without it, nobody is at the other end. */
  readonly hasSerial?: boolean;
}

/**
 * A board on an emulated chip, switched off. Its RAM is lost with the power and its flash is not: that is in the file `memory`, which
 * the machine changes at once, so that qemu can be killed at any moment.
 */
export class Machine {
  readonly #memory: string;
  /** To be run by /bin/sh: it becomes qemu, which has the board's serial line on its standard input and output. */
  readonly script: string;

  constructor({ image, folder, isCounted = false, hasSerial = false }: MachineOptions) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#memory = join(folder, "memory");
    this.script = join(folder, "start.sh");
    if (!existsSync(this.#memory)) this.writeFlash(0, Buffer.alloc(JOURNAL_BYTES, ERASED));
    const counted = isCounted ? ["-icount", "shift=0", "-seed", "1"] : [];
    const command = [
      QEMU,
      ...machineArguments(this.#memory, MEMORY_BYTES),
      ...["-device", "virtio-serial-device,max_ports=2", "-device", "virtserialport,nr=1,chardev=line"],
      ...["-global", "virtio-mmio.force-legacy=false"],
      ...["-object", "rng-builtin,id=noise", "-device", "virtio-rng-device,rng=noise"],
      ...["-chardev", "stdio,id=line,signal=off", "-kernel", image],
      ...(hasSerial ? ["-chardev", "socket,id=uart,fd=3", "-serial", "chardev:uart"] : []),
      ...counted,
    ];
    const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    // It is to end with Node, however that ends, for qemu takes no notice of the end of its input; and not by a terminal's Ctrl-C, after
    // which Node waits for what is under way.
    const lines = [
      "if command -v setsid && command -v setpriv; then set -- setsid setpriv --pdeathsig KILL; else set --; fi >/dev/null",
      `exec "$@" ${quoted}`,
    ];
    replaceFile(this.script, `${lines.join("\n")}\n`);
  }

  /** Takes the file's name away while the machine runs: it goes with the machine. Flash can no longer be read or written from here. */
  forget(): void {
    rmSync(this.#memory, { force: true });
  }

  /** What is in its flash. */
  readFlash(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    const file = openSync(this.#memory, "r");
    readSync(file, bytes, 0, length, JOURNAL_AT);
    closeSync(file);
    return bytes;
  }

  /** Puts bytes into its flash, as a programmer would. While it is off. */
  writeFlash(address: number, bytes: Uint8Array): void {
    const file = existsSync(this.#memory) ? openToChange(this.#memory) : openSync(this.#memory, "wx");
    ftruncateSync(file, MEMORY_BYTES);
    writeSync(file, bytes, 0, bytes.length, JOURNAL_AT + address);
    closeSync(file);
  }
}
