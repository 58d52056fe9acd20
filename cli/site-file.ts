import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { didOfKey, keyOfDid } from "../agent/frame/identity.js";
import { InputError } from "../agent/input-error.js";
import type { Signer } from "../agent/ports/signer.js";
import { readKeyFile } from "../node/key-file.js";
import { createSigner } from "../node/ports/signer.js";
import { readIfThere } from "../node/provision/files.js";
import { proof } from "../node/provision/proof.js";
import { readTextFile } from "../node/text-file.js";
import type { ProvisionOptions } from "../provision/operations/provision.js";
import { wifiPassword as passwordOfSite, settingsOf } from "../provision/site/settings.js";
import { parseSite, type Site } from "../provision/site/site.js";
import { beforeBoards } from "./run-operation.js";
import { wifiPassword } from "./secrets.js";

/** A site file, and the files that it names, which are looked for beside it. */
export interface LoadedSite {
  readonly site: Site;
  readonly at: (name: string) => string;
  /** Who signs for the owner, where the key is here; and the owner's public key. */
  readonly owner: Signer | undefined;
  readonly ownerKey: Uint8Array | undefined;
}

/**
 * Throws InputError that names the file and the setting, or the error of a file that is not there. `isKeyOptional`: the owner's key may be
 * elsewhere.
 */
export function loadSite(path: string, { isKeyOptional = false } = {}): LoadedSite {
  const { site, at } = readSite(path);
  const { key_file: keyFile, did } = site.owner ?? {};
  const isElsewhere = keyFile === undefined || (isKeyOptional && !existsSync(at(keyFile)));
  const owner = isElsewhere ? undefined : createSigner(readKeyFile(at(keyFile)));
  if (owner !== undefined && did !== undefined && didOfKey(owner.publicKey) !== did)
    throw new InputError(`${path}: owner.did is not the public name of ${keyFile}`);
  return { site, at, owner, ownerKey: owner?.publicKey ?? (did === undefined ? undefined : keyOfDid(did)) };
}

/** The same, without a look at any file that it names. */
export function readSite(path: string): Pick<LoadedSite, "site" | "at"> {
  const at = (name: string) => resolve(dirname(path), name);
  try {
    return { site: parseSite(readTextFile(path), path), at };
  } catch (error) {
    throw beforeBoards(error);
  }
}

/** What a board of the site is given. Asks for the Wi-Fi password where no file has it: once. */
export async function provisioningOf(
  { site, at, owner, ownerKey }: LoadedSite,
  passwordFile: string | undefined,
): Promise<ProvisionOptions> {
  const readBeside = (name: string) => readIfThere(at(name));
  const { wifi } = site;
  const settings = await settingsOf(site, readBeside).catch((error: unknown) => {
    throw beforeBoards(error);
  });
  return {
    settings,
    ...(wifi !== undefined && {
      wifi: {
        ssid: wifi.ssid,
        password:
          (passwordFile === undefined ? await passwordOfSite(site, readBeside) : undefined) ??
          (await wifiPassword(wifi.ssid, passwordFile)),
      },
    }),
    owner: ownerKey,
    signer: owner,
    ...proof,
    scan: wifi?.hidden !== true,
    now: () => Date.now(),
  };
}
