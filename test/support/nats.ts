import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePort } from "./mosquitto.js";

export interface Nats {
  readonly url: string;
  stop(): Promise<void>;
}

/** Debian puts it into sbin, which the PATH of a plain user lacks. */
const PATH = [process.env.PATH, "/usr/sbin", "/usr/local/sbin"].join(delimiter);
/** Another process may take a port between the moment it is found free and the server's start. */
const ATTEMPTS = 5;

/** A NATS server with its MQTT side, which keeps sessions in JetStream. Resolves when it takes connections. */
export async function startNats(): Promise<Nats> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startAt(await freePort(), await freePort());
    } catch (error) {
      if (attempt === ATTEMPTS || !(error as Error).message.includes("address already in use")) throw error;
    }
  }
}

async function startAt(port: number, mqttPort: number): Promise<Nats> {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-nats-"));
  const file = join(folder, "nats.conf");
  writeFileSync(
    file,
    [
      "server_name: fieldmark", // its MQTT side wants one
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: "${folder}" }`,
      `mqtt { host: "127.0.0.1", port: ${mqttPort} }`,
    ].join("\n"),
  );
  // It ends with this process, which holds the shell's input open.
  const script = 'nats-server -c "$1" & server=$!; read -r _; kill -9 $server; wait; rm -rf "$2"';
  const child = spawn("sh", ["-c", script, "sh", file, folder], {
    stdio: ["pipe", "ignore", "pipe"],
    env: { ...process.env, PATH },
  });
  const ended = once(child, "close");
  const stop = async () => {
    child.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  let log = "";
  const isReady = await new Promise<boolean>((resolve) => {
    child.stderr.on("data", (chunk: Buffer) => {
      log += chunk;
      if (log.includes("Server is ready")) resolve(true);
      if (/\[FTL\]|not found/.test(log)) resolve(false);
    });
    child.once("close", () => resolve(false));
  });
  const url = `mqtt://127.0.0.1:${mqttPort}`;
  if (isReady) return { url, stop };
  await stop();
  throw new Error(`nats-server does not start (node scripts/system.js installs it):\n${log}`);
}
