import { InputError } from "../../agent/input-error.js";
import type { Registry } from "../../network/verify/registry.js";
import { NO_FILE, stampOf } from "./file-stamp.js";
import { loadRegistry } from "./registry-file.js";

/** What is new of a registry file: another registry, or why it cannot be taken. */
export type RegistryNews = { readonly registry: Registry } | { readonly reason: string };

/**
 * Notices that a registry file changed, however it was changed: written in place, or another file put in its place. It is looked at, not
 * listened to: file systems that are mounted from elsewhere, and links that are turned to another file, tell no one.
 */
export class RegistryWatch {
  readonly #path: string;
  readonly #network: string;
  #stamp: string;
  /** Why the file as it is now cannot be taken, as long as that was not told. */
  #reason: string | undefined;

  private constructor(path: string, stamp: string, network: string) {
    this.#path = path;
    this.#stamp = stamp;
    this.#network = network;
  }

  /** Reads the registry. Throws InputError that says which entry is wrong, and how. */
  static open(path: string): { registry: Registry; watch: RegistryWatch } {
    const stamp = stampOf(path); // before the file is read: what is written meanwhile is noticed
    const registry = loadRegistry(path);
    return { registry, watch: new RegistryWatch(path, stamp, registry.network) };
  }

  /**
   * To be called again and again. A file that cannot be taken is told once, and at the second look: it may be one that is being
   * written.
   */
  look(): RegistryNews | undefined {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) {
      const reason = this.#reason;
      this.#reason = undefined;
      return reason === undefined ? undefined : { reason };
    }
    this.#stamp = stamp;
    try {
      const registry = loadRegistry(this.#path);
      if (registry.network !== this.#network)
        throw new InputError(
          `registry ${this.#path} is of network "${registry.network}" now, not of "${this.#network}"`,
        );
      this.#reason = undefined;
      return { registry };
    } catch (error) {
      this.#reason =
        stamp === NO_FILE ? `registry ${this.#path} is not there any more` : (error as Error).message;
      return undefined;
    }
  }
}
