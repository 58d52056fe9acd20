import { Point } from "@noble/secp256k1";
import { keyOfDid } from "../../agent/frame/identity.js";
import { input, part, tell } from "./dom.js";
import type { Language } from "./language.js";

/** What is known of whose boards these are. */
export interface NamedOwner {
  /** did:key, where the site file or the server says it. */
  readonly did: string | undefined;
  /** The site file names an owner, so that boards must not be without. */
  readonly isNamed: boolean;
}

/** The owner of the boards: only the public half of the key, from the site file, its server, or the field. */
export class OwnerField {
  readonly #language: Language;
  readonly #field = input("owner");
  #named: NamedOwner = { did: undefined, isNamed: false };

  constructor(language: Language) {
    this.#language = language;
    this.#field.addEventListener("input", () => this.#show());
    this.#show();
  }

  /** Of another site file. */
  name(named: NamedOwner): void {
    this.#named = named;
    this.#show();
  }

  /** A did:key from a file that was chosen. */
  fill(did: string): void {
    this.#field.value = did;
    this.#show();
  }

  /** Somebody has given the private key, which stays away from here. */
  warn(file: string): void {
    part("owner-state").hidden = false;
    this.#say("ownerPrivate", "bad", { file });
    this.#language.say(part("status"), "ownerPrivate", { file });
  }

  /** The public key, 33 bytes; null where boards get no owner; undefined where that has to be mended first, which is said. */
  key(): Uint8Array | null | undefined {
    const did = this.#named.did ?? this.#field.value.trim();
    if (did === "" && !this.#named.isNamed) return null;
    const key = keyOf(did);
    if (key !== undefined) return key;
    this.#show(true);
    this.#field.focus();
    return undefined;
  }

  #show(isAsked = false): void {
    const { did, isNamed } = this.#named;
    const typed = this.#field.value.trim();
    const isKnown = did !== undefined || keyOf(typed) !== undefined;
    part("owner-field").hidden = did !== undefined;
    part("owner-more").hidden = !isKnown;
    tell(part("owner-did"), isKnown ? (did ?? typed) : "");
    part("owner-state").hidden = isKnown;
    if (isKnown) this.#language.hush(part("owner-state"));
    else if (typed !== "") this.#say("ownerBad", "bad");
    else if (isNamed) this.#say("ownerNamed", isAsked ? "bad" : "");
    else this.#say("ownerNone");
    if (isAsked) part("status").textContent = part("owner-state").textContent;
  }

  #say(
    key: "ownerPrivate" | "ownerBad" | "ownerNamed" | "ownerNone",
    look: "" | "good" | "bad" = "",
    values: { readonly file?: string } = {},
  ): void {
    part("owner-state").className = `state ${look}`;
    this.#language.say(part("owner-state"), key, { ...values });
  }
}

function keyOf(did: string): Uint8Array | undefined {
  try {
    const key = keyOfDid(did);
    Point.fromBytes(key);
    return key;
  } catch {
    return undefined; // not a did:key, or not a point of the curve
  }
}
