import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

export interface MosquittoOptions {
  /** Of 127.0.0.1. A free one where left out. */
  port?: number;
  /** Lines for mosquitto.conf(5), over the defaults below: `{ persistence: true, autosave_on_changes: true }`. */
  config?: Record<string, string | number | boolean>;
}

/** A real broker, in a process of its own. */
export interface Mosquitto {
  readonly url: string;
  readonly port: number;
  /** What it has logged since it was first started. */
  log(): string;
  /**
   * Sends a signal, SIGKILL if left out; SIGSTOP freezes the broker until SIGCONT. Resolves when the broker has
   * ended, for SIGKILL, SIGTERM and SIGINT.
   */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /**
   * Starts it again on the same port, ending it (SIGKILL) first where it runs. With `persistence` it has what it
   * wrote before its end: all of it at SIGTERM, but at SIGKILL only what autosave (mosquitto.conf(5)) came to,
   * which is after the acknowledgement.
   */
  restart(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** Nothing is dropped for being too much: a test that loses a message has found something. */
const DEFAULTS = {
  allow_anonymous: true,
  persistence: false,
  max_queued_messages: 0, // no limit
  log_dest: "stderr",
  log_type: "all",
  connection_messages: true,
};
/** Debian puts mosquitto into sbin, which the PATH of a plain user lacks. */
const SEARCH_PATH = [process.env.PATH, "/usr/sbin", "/usr/local/sbin"].join(delimiter);
const START_LIMIT = 120_000; // milliseconds, for one that hangs; it takes about 10
const POLL = 10;
/** The end of a line that it logs when it has begun to serve. */
const RUNNING = " running\n";
/** Another process may take a port between the moment it is found free and the broker's start. */
const ATTEMPTS = 5;

/** Starts a broker and waits until it takes connections. Throws an Error with its log where it does not. */
export async function startMosquitto({ port, config = {} }: MosquittoOptions = {}): Promise<Mosquitto> {
  for (let attempt = 1; ; attempt++) {
    const broker = createBroker(port ?? (await freePort()), config);
    try {
      await broker.restart();
      return broker;
    } catch (error) {
      const taken = broker.log().includes("Address already in use");
      await broker.stop();
      if (port !== undefined || !taken || attempt === ATTEMPTS) throw error;
    }
  }
}

function createBroker(port: number, config: Record<string, string | number | boolean>): Mosquitto {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-mosquitto-"));
  const configFile = join(folder, "mosquitto.conf");
  const logFile = join(folder, "log");
  const settings = {
    listener: `${port} 127.0.0.1`,
    persistence_location: `${folder}/`,
    // As root it would become the user mosquitto, who may not write into the folder.
    ...(process.getuid?.() === 0 ? { user: "root" } : {}),
    ...DEFAULTS,
    ...config,
  };
  const lines = Object.entries(settings).map((pair) => pair.join(" "));
  writeFileSync(configFile, lines.join("\n"));
  writeFileSync(logFile, "");
  const log = () => readFileSync(logFile, "utf8");

  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();

  async function kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    child?.kill(signal);
    if (signal !== "SIGKILL" && signal !== "SIGTERM" && signal !== "SIGINT") return;
    child?.ref(); // waited for, it may keep the process
    await ended;
  }

  async function restart(): Promise<void> {
    await kill();
    const logged = log().length;
    const output = openSync(logFile, "a");
    const started = spawn("mosquitto", ["-c", configFile], {
      stdio: ["ignore", output, output],
      env: { ...process.env, PATH: SEARCH_PATH },
    });
    closeSync(output);
    started.unref(); // a test that fails to stop it must not keep Jest from ending
    const guard = watchOver(started.pid, folder);
    let failure: string | undefined;
    ended = new Promise((resolve) => {
      started.once("error", (error: NodeJS.ErrnoException) => {
        guard.kill("SIGKILL");
        failure = error.code === "ENOENT" ? "is not installed: run node scripts/system.js" : error.message;
        child = undefined;
        resolve();
      });
      started.once("exit", (code, signal) => {
        failure = `ended with ${signal ?? `exit code ${code}`}`;
        guard.kill("SIGKILL");
        child = undefined;
        resolve();
      });
    });
    child = started;
    const limit = Date.now() + START_LIMIT;
    // The log first: where the port is taken, somebody else would answer.
    while (!(log().includes(RUNNING, logged) && (await answers(port)))) {
      if (failure !== undefined) throw new Error(`mosquitto ${failure}\n${log()}`);
      if (Date.now() > limit) throw new Error(`mosquitto does not answer on port ${port}\n${log()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  }

  async function stop(): Promise<void> {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  }

  return { url: `mqtt://127.0.0.1:${port}`, port, log, kill, restart, stop };
}

/**
 * Ends a broker and removes its files when this process ends without having done so: at the end of its input,
 * which this process holds open. (Exit handlers of a test do not run under Jest.)
 */
function watchOver(broker: number | undefined, folder: string): ChildProcess {
  const script = 'read -r _; kill -9 "$1"; rm -rf "$2"';
  const guard = spawn("sh", ["-c", script, "sh", `${broker}`, folder], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  (guard.stdin as Socket).unref();
  return guard;
}

/** A port that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
