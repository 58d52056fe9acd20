import { existsSync } from "node:fs";
import { createRegistry, type EnrolledDevice, type RegistryFile } from "../../network/verify/registry.js";
import { OperationError } from "../../provision/events.js";
import { parseJson } from "../../text/json-text.js";
import { replaceFile } from "../files.js";
import { acquireLock } from "../lock.js";
import { keyReader } from "../ports/signer.js";
import { readTextFile } from "../text-file.js";

/**
 * Puts a device into a registry file, which verifiers read; makes the file where there is none. Durable when it returns, whole or
 * not at all. Returns false where the very same entry is there already; of one that differs by its sensors' configuration alone, that is
 * added. Throws OperationError `enrolled-already` where the
 * device is there with another site or other sensors, `file` where the file is no registry, or another network's.
 */
export function register(path: string, network: string, device: EnrolledDevice): boolean {
  const release = acquireLock(path);
  try {
    const registry = read(path, network);
    const known = registry.devices.find(({ did }) => did === device.did);
    if (known !== undefined) {
      if (isSame(known, device)) return addConfigurations(path, registry, known, device);
      throw new OperationError(
        "enrol",
        "enrolled-already",
        `${path} has this device already, at site "${known.site}", with something else`,
        "Take that entry out of the file if the board is to move; verifiers then judge it by the new one.",
      );
    }
    const next: RegistryFile = { ...registry, devices: [...registry.devices, device] };
    createRegistry(next, keyReader, path);
    write(path, `${JSON.stringify(next, null, 2)}\n`);
    return true;
  } finally {
    release();
  }
}

/** What a registry file has; nothing where there is none. Throws OperationError `file`. */
export const devicesOf = (path: string, network: string): readonly EnrolledDevice[] =>
  read(path, network).devices;

/** What is not said of a device's name and position stays as it is known; so does when it was enrolled first. */
function isSame({ name, position, ...known }: EnrolledDevice, device: EnrolledDevice): boolean {
  const text = (value: EnrolledDevice) =>
    JSON.stringify([value.did, value.site, value.sensors, value.name, value.position]);
  return (
    text({ ...known, name: device.name && name, position: device.position && position }) === text(device)
  );
}

/** Sensors that were configured in another way since. What was enrolled stays: frames from before are judged by it. */
function addConfigurations(
  path: string,
  registry: RegistryFile,
  known: EnrolledDevice,
  { configurations = [] }: EnrolledDevice,
): boolean {
  const before = known.configurations ?? [];
  const more = configurations.filter((configuration) => !before.includes(configuration));
  if (more.length === 0) return false;
  const changed = { ...known, configurations: [...before, ...more] };
  const devices = registry.devices.map((device) => (device === known ? changed : device));
  write(path, `${JSON.stringify({ ...registry, devices }, null, 2)}\n`);
  return true;
}

function read(path: string, network: string): RegistryFile {
  if (!existsSync(path)) return { network, devices: [] };
  let registry: RegistryFile;
  try {
    registry = parseJson(readTextFile(path)) as RegistryFile;
    createRegistry(registry, keyReader, path);
  } catch (error) {
    const { message } = error as Error;
    throw new OperationError(
      "enrol",
      "file",
      message.startsWith(path) ? message : `${path}: ${message}`,
      "Name another file, or mend this one.",
    );
  }
  if (registry.network !== network)
    throw new OperationError(
      "enrol",
      "file",
      `${path} is the registry of network "${registry.network}", not of "${network}"`,
      "Name another file.",
    );
  return registry;
}

/** For everybody to read. */
export const write = (path: string, content: string | Uint8Array): void => replaceFile(path, content, 0o644);
