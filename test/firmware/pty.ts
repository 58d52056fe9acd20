import { type ChildProcess, spawn } from "node:child_process";

/** Python's openpty, since Node has none: says the terminal's path, then passes bytes both ways. Its end is that of the cable. */
const RELAY = `
import os, pty, select, sys, tty
master, slave = pty.openpty()
tty.setraw(slave)
sys.stdout.write(os.ttyname(slave) + "\\n")
sys.stdout.flush()
ends = {0: master, master: 1}
while True:
    for source in select.select(list(ends), [], [])[0]:
        data = os.read(source, 4096)
        if not data: sys.exit(0)
        while data: data = data[os.write(ends[source], data):]
`;

/** A terminal, and the other end of its wire. */
export class Pty {
  /** For instance /dev/pts/7. */
  path = "";
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #taken = Buffer.alloc(0);
  #look: (() => void) | undefined;

  private constructor() {
    this.#child = spawn("python3", ["-c", RELAY], { stdio: ["pipe", "pipe", "inherit"] });
    this.#ended = new Promise((resolve) => this.#child.once("close", () => resolve()));
    this.#child.stdin?.on("error", () => {}); // the cable is pulled: what was under way is lost
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#taken = Buffer.concat([this.#taken, chunk]);
      this.#look?.();
    });
  }

  static async open(): Promise<Pty> {
    const pty = new Pty();
    await new Promise<void>((resolve, reject) => {
      pty.#child.once("error", reject);
      pty.#look = () => {
        if (pty.#taken.includes(10)) resolve();
      };
    });
    const end = pty.#taken.indexOf(10);
    pty.path = pty.#taken.subarray(0, end).toString();
    pty.#taken = pty.#taken.subarray(end + 1);
    return pty;
  }

  send(bytes: Uint8Array): void {
    this.#child.stdin?.write(bytes);
  }

  /** The next `count` bytes that came from the terminal. */
  async take(count: number): Promise<Uint8Array> {
    await new Promise<void>((resolve) => {
      this.#look = () => {
        if (this.#taken.length >= count) resolve();
      };
      this.#look();
    });
    const taken = this.#taken.subarray(0, count);
    this.#taken = this.#taken.subarray(count);
    return Uint8Array.from(taken);
  }

  /** Pulls the cable. */
  async cut(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
