/**
 * In place of network/verify/registry.ts, whose checks of a registry file need zod; zod does not
 * run on XS (it keeps the engine's own objects in a WeakSet, and those are in flash). What is made
 * of a good file is the same.
 */

import { hex, kidOfKey } from "../../../agent/cose/kid.js";
import { keyOfDid } from "../../../agent/frame/identity.js";
import type { Hasher } from "../../../agent/ports/signer.js";
import type { Enrolled, Registry, RegistryFile } from "../../../network/verify/registry.js";
import { uncompressedKey } from "./signer.js";

export function createRegistry({ network, devices }: RegistryFile, hasher: Hasher): Registry {
  const byKid = new Map<string, Enrolled>();
  for (const { did, site, sensors, configurations } of devices) {
    const key = keyOfDid(did);
    byKid.set(hex(kidOfKey(key, hasher)), {
      did,
      site,
      publicKey: uncompressedKey(key),
      sensors: new Map(sensors.map((sensor) => [sensor.name, sensor])),
      configurations,
    });
  }
  return { network, size: byKid.size, kids: () => byKid.keys(), device: (kid) => byKid.get(kid) };
}
