import { type ChildProcess, spawn } from "node:child_process";

/** Python's openpty, since Node has none: two terminals, what is written to the one being read from the other. */
const RELAY = `
import os, pty, select, sys, tty
first, first_end = pty.openpty()
second, second_end = pty.openpty()
for end in (first_end, second_end): tty.setraw(end)
sys.stdout.write(os.ttyname(first_end) + "\\n" + os.ttyname(second_end) + "\\n")
sys.stdout.flush()
ends = {first: second, second: first}
while True:
    for source in select.select([0, first, second], [], [])[0]:
        data = os.read(source, 4096)
        if not data: sys.exit(0)
        while data: data = data[os.write(ends[source], data):]
`;

/** A serial cable of this machine, with a terminal at both ends, that stays plugged in whoever opens and closes them. */
export class Cable {
  /** Paths, for instance /dev/pts/7. */
  readonly device: string;
  readonly tool: string;
  readonly #relay: ChildProcess;

  private constructor(relay: ChildProcess, device: string, tool: string) {
    this.#relay = relay;
    this.device = device;
    this.tool = tool;
  }

  static async lay(): Promise<Cable> {
    const relay = spawn("python3", ["-c", RELAY], { stdio: ["pipe", "pipe", "inherit"] });
    let said = "";
    const [device, tool] = await new Promise<string[]>((resolve, reject) => {
      relay.once("error", reject);
      relay.once("exit", () => reject(new Error("python3 made no terminals")));
      relay.stdout?.on("data", (chunk: Buffer) => {
        said += chunk;
        const lines = said.split("\n");
        if (lines.length > 2) resolve(lines);
      });
    });
    return new Cable(relay, device as string, tool as string);
  }

  async cut(): Promise<void> {
    const ended = new Promise((resolve) => this.#relay.once("close", resolve));
    this.#relay.kill("SIGKILL");
    await ended;
  }
}
