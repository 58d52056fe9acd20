import { type Finished, jsonLines, type Running, run, start } from "./cli.js";

/** A technician at a command line in a folder, where wifi.txt has the Wi-Fi's password. What is printed is kept, so that secrets can be looked for. */
export class Technician {
  printed = "";
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async fieldmark(...args: string[]): Promise<Finished> {
    const finished = await run(args, { cwd: this.#folder });
    this.printed += finished.stdout + finished.stderr;
    return finished;
  }

  /** A simulated board in a process of its own, and its port. */
  async board(...args: string[]): Promise<{ running: Running; port: string }> {
    const options = ["--ssid", "field", "--password-file", "wifi.txt", "--json"];
    const running = start(["board", ...options, ...args], { cwd: this.#folder });
    let text = "";
    running.process.stdout?.on("data", (chunk: Buffer) => {
      text += chunk;
      this.printed += chunk;
    });
    await running.said('"type":"runs"');
    return { running, port: String(jsonLines(text.slice(0, text.indexOf("\n")))[0]?.port) };
  }
}
