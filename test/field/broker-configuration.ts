import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";

/** Starts mosquitto as a case's file says, but on a free port, and as whoever runs the tests. */
export function startAsIn(folder: string, file: string): Promise<Mosquitto> {
  const config: Record<string, string> = {};
  for (const line of readFileSync(join(folder, file), "utf8").split("\n")) {
    const [, name = "", value = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (name === "" || name === "listener" || name === "user") continue;
    config[name] = name.endsWith("_file") ? join(folder, value) : value;
  }
  return startMosquitto({ config });
}
