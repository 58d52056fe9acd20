import { accessSync, constants, existsSync } from "node:fs";
import { connect } from "node:net";
import { didOfKey } from "../../agent/frame/identity.js";
import { openBundle } from "../../provision/bundle/bundle.js";
import { CLOCK_HINT, clockTrouble, utc } from "../../provision/clock.js";
import { OperationError } from "../../provision/events.js";
import { isRfc2217, parseRfc2217 } from "../../provision/rfc2217-url.js";
import { settingsOf, wifiPassword } from "../../provision/site/settings.js";
import type { Site } from "../../provision/site/site.js";
import { readKeyFile } from "../key-file.js";
import { checkerName, createSigner, signatureChecker } from "../ports/signer.js";
import { type FoundPort, listPorts } from "../serial/ports.js";
import type { Check } from "./check.js";
import { checkBroker } from "./doctor-broker.js";
import { bundleFromPath, readIfThere } from "./files.js";

/** Milliseconds that a port over TCP may take to be reached. */
const REACH = 4000;

/** Program, clock, who checks signatures, and SDK. */
export function checkMachine(now: number = Date.now(), env: NodeJS.ProcessEnv = process.env): Check[] {
  const trouble = clockTrouble(now);
  const hasSdk = env.MODDABLE !== undefined && existsSync(env.MODDABLE);
  return [
    { name: "Node", state: "good", said: process.version },
    trouble === undefined
      ? { name: "clock", state: "good", said: utc(now) }
      : { name: "clock", state: "bad", said: trouble, hint: CLOCK_HINT },
    { name: "signatures", state: "good", said: `are checked ${checkerName()}` },
    hasSdk
      ? { name: "SDK", state: "good", said: `Moddable SDK in ${env.MODDABLE}` }
      : {
          name: "SDK",
          state: "unsure",
          said: "no Moddable SDK (MODDABLE is not set)",
          hint: "It is needed to build firmware, not to flash a bundle.",
        },
  ];
}

/** `named`: ports that must be there; names of ports over TCP are checked already (parseRfc2217). */
export async function checkPorts(named: readonly string[] | undefined): Promise<Check[]> {
  let found: readonly FoundPort[] = [];
  const checks: Check[] = [];
  try {
    found = await listPorts();
  } catch (error) {
    // A port that was named is used all the same.
    checks.push({
      name: "ports",
      state: named === undefined ? "bad" : "unsure",
      said: `the system does not list its serial ports: ${(error as Error).message}`,
      hint: "Name the port with --port. serialport's own binary must fit this machine.",
    });
  }
  const local = (named ?? []).filter((name) => !isRfc2217(name));
  const asked =
    named === undefined
      ? found.filter(({ bridge }) => bridge !== undefined)
      : local.map((path) => ({ path }));
  const remote = (named ?? []).filter(isRfc2217);
  checks.push(...asked.map(checkPort), ...(await Promise.all(remote.map(checkRemote))));
  if (checks.length > 0) return [...checks, ...conflicts(found)];
  return [
    {
      name: "ports",
      state: "unsure",
      said: `${found.length} serial ports, none of which looks like a board`,
      hint: "Plug a board in, with a cable that has data lines. Windows and old macOS need the bridge's driver: CP210x or CH340.",
    },
  ];
}

function checkPort({ path, bridge }: FoundPort): Check {
  const name = `port ${path}`;
  if (path.startsWith("/")) {
    if (!existsSync(path))
      return { name, state: "bad", said: "is not there", hint: "fieldmark scan lists the ports." };
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
    } catch {
      return {
        name,
        state: "bad",
        said: "you may not open it",
        hint: "sudo usermod -a -G dialout $USER (uucp on Arch), then log in again.",
      };
    }
  }
  return { name, state: "good", said: bridge ?? "can be opened" };
}

async function checkRemote(name: string): Promise<Check> {
  const { hostname, port } = parseRfc2217(name);
  const failure = await reach(hostname, port);
  const found = { name: `port ${name}` };
  if (failure === undefined) return { ...found, state: "good", said: "answers" };
  return { ...found, state: "bad", said: failure, hint: "Does its server run, and is the port right?" };
}

/** A braille driver that takes CH340 bridges for its own. */
function conflicts(found: readonly FoundPort[]): Check[] {
  const isCh340 = found.some(({ usb }) => usb?.startsWith("1a86:"));
  if (!isCh340 || !existsSync("/usr/bin/brltty")) return [];
  return [
    {
      name: "brltty",
      state: "unsure",
      said: "it is installed, and takes some CH340 ports away a moment after they are plugged in",
      hint: "If ports vanish: sudo apt-get remove brltty, if nobody here reads by braille.",
    },
  ];
}

/** Settings, owner's key, firmware and brokers of a site. `at`: where a file is that the site file names. */
export async function checkSite(site: Site, at: (name: string) => string): Promise<Check[]> {
  const { firmware, owner, brokers = [] } = site;
  const checks: Check[] = [await checkSettings(site, at)];
  if (owner !== undefined) checks.push(checkOwner(owner, at));
  if (firmware !== undefined) checks.push(await checkBundle(at(firmware.bundle), firmware.signer));
  const read = (file: string) => readIfThere(at(file));
  return [...checks, ...(await Promise.all(brokers.map((broker) => checkBroker(broker, site, read))))];
}

/** Files of passwords and certificates among them. */
async function checkSettings(site: Site, at: (name: string) => string): Promise<Check> {
  const name = "settings";
  const read = (file: string) => readIfThere(at(file));
  try {
    await settingsOf(site, read);
    await wifiPassword(site, read);
    return { name, state: "good", said: "all files that they name are there" };
  } catch (error) {
    const hint = error instanceof OperationError ? error.hint : "";
    return { name, state: "bad", said: (error as Error).message, hint };
  }
}

function checkOwner({ key_file, did }: NonNullable<Site["owner"]>, at: (name: string) => string): Check {
  const name = "owner's key";
  if (key_file === undefined) return { name, state: "good", said: `${did}; its key is not here` };
  const path = at(key_file);
  try {
    const said = didOfKey(createSigner(readKeyFile(path)).publicKey);
    if (did === undefined || did === said) return { name, state: "good", said };
    const hint = "The site file names both: take out the wrong one.";
    return { name, state: "bad", said: `${path} is the key of ${said}, not of ${did}`, hint };
  } catch (error) {
    const isThere = existsSync(path);
    return {
      name,
      state: "bad",
      said: isThere ? (error as Error).message : `${path}: there is no such file`,
      hint: "The site file names it; fieldmark keygen makes one.",
    };
  }
}

async function checkBundle(path: string, signer: string): Promise<Check> {
  const name = "firmware";
  try {
    const bundle = await openBundle(await bundleFromPath(path), signer, signatureChecker);
    return { name, state: "good", said: `${bundle.name} ${bundle.version} for ${bundle.chips.join(", ")}` };
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    return { name, state: "bad", said: error.message, hint: error.hint };
  }
}

/** Undefined where it is reached. */
function reach(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (failure?: string) => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(REACH, () => end("does not answer"));
    socket.once("error", (error) => end(error.message || "cannot be reached"));
    socket.once("connect", () => end());
  });
}
