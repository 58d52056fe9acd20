import { type Bundle, openBundle } from "../bundle/bundle.js";
import { type BundleSource, bundleFromZip } from "../bundle/source.js";
import { OperationError } from "../events.js";
import { signatureChecker } from "./checker.js";
import { button, click, input, part, tell } from "./dom.js";
import { contentOf, type Files, PickedFiles, type ServedFiles, UnreadableFile } from "./files.js";
import type { Language } from "./language.js";
import { OwnerField } from "./owner.js";
import type { DeskAnswer } from "./served-desk.js";
import { type LoadedSite, loadSite, MissingFile } from "./site.js";
import { SITE_FILE } from "./site-path.js";
import { sorted, type Way } from "./sorted-files.js";
import type { Stages } from "./stages.js";
import type { TextKey, Values } from "./texts/texts.js";
import { chipFamily } from "./words.js";

/** What all boards of the day get. */
export interface Plan {
  readonly site: LoadedSite;
  /** Undefined: boards keep the firmware that they have. */
  readonly bundle: Bundle | undefined;
  /** Whose boards they will be: a public key of 33 bytes. */
  readonly owner: Uint8Array | undefined;
  /** The site file is that of the server, which enrols its boards. */
  readonly isServed: boolean;
}

export interface PrepareInit {
  readonly served: ServedFiles;
  /** What the server says of the owner of its site, where it enrols boards. */
  readonly desk: Promise<DeskAnswer | undefined>;
}

/** The section where the site file and the firmware are chosen. What was chosen last counts. */
export class Prepare {
  readonly #language: Language;
  readonly #stages: Stages;
  readonly #served: ServedFiles;
  readonly #desk: Promise<DeskAnswer | undefined>;
  readonly #picked = new PickedFiles();
  readonly #owner: OwnerField;
  #siteFile: File | undefined;
  #site: LoadedSite | undefined;
  #bundleFile: File | undefined;
  #bundle: Bundle | undefined;
  /** The last that was picked is refused: boards are not done without, as if none had been picked. */
  #isRefused = false;
  /** One look after the other. */
  #looking: Promise<void>;
  #tellNews = () => {};

  constructor(language: Language, stages: Stages, { served, desk }: PrepareInit) {
    this.#language = language;
    this.#stages = stages;
    this.#served = served;
    this.#desk = desk;
    this.#owner = new OwnerField(language);
    for (const way of ["site", "bundle"] as const) {
      const field = input(`${way}-file`);
      field.addEventListener("change", () => {
        this.#take([...(field.files ?? [])], way);
        field.value = ""; // the same file may be picked again, after it was mended
      });
    }
    acceptDrops((files) => this.#take(files, "drop"));
    this.#say("site-state", "siteNone");
    this.#say("bundle-state", "bundleNone");
    this.#looking = this.#lookServed();
  }

  /** Resolves when the person begins. */
  async ready(): Promise<Plan> {
    this.#stages.at("prepare");
    this.#stages.show("prepare");
    for (;;) {
      await click(button("begin"));
      await this.#looking;
      if (this.#site === undefined) this.#insist("site");
      else if (this.#isRefused) this.#insist("bundle");
      else {
        const owner = this.#owner.key();
        if (owner === undefined) continue;
        const isServed = this.#siteFile === undefined;
        return { site: this.#site, bundle: this.#bundle, owner: owner ?? undefined, isServed };
      }
    }
  }

  /** Resolves when files are dropped from now on: what they change is to be seen. */
  news(): Promise<void> {
    return new Promise((resolve) => {
      this.#tellNews = resolve;
    });
  }

  /** Moves the focus to what has to be chosen; says again what it says. */
  #insist(what: "site" | "bundle"): void {
    const state = part(`${what}-state`);
    state.className = "state bad";
    part("status").textContent = state.textContent;
    input(`${what}-file`).focus();
  }

  #take(files: readonly File[], way: Way): void {
    if (files.length === 0) return;
    const { site, bundle, others } = sorted(files, way);
    this.#looking = this.#looking.then(async () => {
      // Passwords and certificates of the site before have the same names as often as not.
      if (site !== undefined && this.#siteFile !== undefined) this.#picked.clear();
      this.#siteFile = site ?? this.#siteFile;
      this.#bundleFile = bundle ?? this.#bundleFile;
      const kept = await this.#withoutKeys(others);
      this.#picked.add(kept);
      // A certificate or password that is picked later completes the site file that was there before.
      if (site !== undefined || (kept.length > 0 && this.#siteFile !== undefined)) await this.#lookAtSite();
      else if (kept.length > 0) this.#noSite(kept.at(-1)?.name ?? "");
      if (bundle !== undefined || site !== undefined || this.#isRefused) await this.#lookAtBundle();
    });
    this.#tellNews();
  }

  /** A key file is not kept: the page needs its public name alone. */
  async #withoutKeys(files: readonly File[]): Promise<File[]> {
    const kept: File[] = [];
    for (const file of files) {
      const key = file.name.endsWith(".json") ? await keyIn(file) : undefined;
      if (key === undefined) kept.push(file);
      else if (key.did !== undefined) this.#owner.fill(key.did);
      else this.#owner.warn(file.name);
    }
    return kept;
  }

  async #lookServed(): Promise<void> {
    const bytes = await this.#served.read(SITE_FILE);
    if (bytes === undefined) return;
    await this.#read(bytes, this.#served);
    await this.#lookAtBundle();
  }

  async #lookAtSite(): Promise<void> {
    if (this.#siteFile === undefined) return;
    try {
      await this.#read(await contentOf(this.#siteFile), this.#picked);
    } catch (error) {
      this.#refuseSite(error);
    }
  }

  async #read(bytes: Uint8Array, files: Files): Promise<void> {
    try {
      this.#site = await loadSite(bytes, files);
    } catch (error) {
      return this.#refuseSite(error);
    }
    const { name: site, network, brokers, owner } = this.#site;
    const served = this.#siteFile === undefined ? (await this.#desk)?.owner : undefined;
    this.#owner.name({ did: owner?.did ?? served ?? undefined, isNamed: owner !== undefined });
    part("owner-part").hidden = false;
    this.#say("site-state", "siteGood", "good", { site, network, brokers: brokers.join(", ") });
  }

  #refuseSite(error: unknown): void {
    this.#site = undefined;
    part("owner-part").hidden = true;
    if (error instanceof MissingFile) this.#say("site-state", "siteFileMissing", "bad", { file: error.file });
    else if (error instanceof UnreadableFile)
      this.#say("site-state", "fileGone", "bad", { file: error.file });
    else
      this.#say("site-state", "siteBad", "bad", {
        reason: error instanceof Error ? error.message : String(error),
      });
  }

  #noSite(file: string): void {
    this.#site = undefined;
    part("owner-part").hidden = true;
    this.#say("site-state", "siteNotAmong", "bad", { file });
  }

  /** The firmware that was chosen, else that of the server's site. */
  async #lookAtBundle(): Promise<void> {
    const file = this.#bundleFile;
    const named = this.#siteFile === undefined ? this.#site?.bundle : undefined;
    this.#bundle = undefined;
    this.#isRefused = file !== undefined || named !== undefined;
    this.#reason("");
    if (file === undefined && named === undefined) return this.#say("bundle-state", "bundleNone");
    if (this.#site === undefined) return this.#say("bundle-state", "bundleNeedsSite", "bad");
    try {
      const source =
        file === undefined
          ? await this.#servedBundle(named as string)
          : bundleFromZip(file.name, await contentOf(file));
      this.#bundle = await openBundle(source, this.#site.signer, signatureChecker);
    } catch (error) {
      if (error instanceof UnreadableFile)
        return this.#say("bundle-state", "fileGone", "bad", { file: error.file });
      this.#reason(messageOf(error));
      const isForeign = error instanceof OperationError && error.code === "bundle-foreign";
      return this.#say("bundle-state", isForeign ? "bundleForeign" : "bundleBad", "bad");
    }
    this.#isRefused = false;
    const { name, version, chips } = this.#bundle;
    this.#say("bundle-state", "bundleGood", "good", {
      name,
      version,
      chips: chips.map(chipFamily).join(", "),
    });
  }

  async #servedBundle(name: string): Promise<BundleSource> {
    const zip = name.endsWith(".zip") ? await this.#served.read(name) : undefined;
    return zip ? bundleFromZip(name, zip) : folder(name, this.#served);
  }

  /** In full, with the long names of who signed: for those who want to know. */
  #reason(reason: string): void {
    tell(part("bundle-reason"), reason);
    part("bundle-more").hidden = reason === "";
  }

  #say(id: string, key: TextKey, look: "" | "good" | "bad" = "", values: Values = {}): void {
    part(id).className = `state ${look}`;
    this.#language.say(part(id), key, values);
    if (look !== "") this.#language.say(part("status"), key, values);
  }
}

/** What of a key is in a JSON file: its public name, as `fieldmark keygen --json` prints it, or (no `did`) the private key itself. */
async function keyIn(file: File): Promise<{ readonly did?: string } | undefined> {
  try {
    const json: unknown = JSON.parse(await file.text());
    if (typeof json !== "object" || json === null) return undefined;
    if ("d" in json && "kty" in json) return {};
    return "did" in json && !("receipt" in json) && typeof json.did === "string"
      ? { did: json.did }
      : undefined;
  } catch {
    return undefined; // not JSON
  }
}

const folder = (name: string, files: Files): BundleSource => ({
  name,
  read: (path, most) => files.read(`${name.replace(/\/$/, "")}/${path}`, most),
});

function acceptDrops(take: (files: readonly File[]) => void): void {
  const dropping = (is: boolean) => document.body.classList.toggle("dropping", is);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    dropping(true);
  });
  document.addEventListener("dragleave", () => dropping(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    dropping(false);
    take([...(event.dataTransfer?.files ?? [])]);
  });
}

function messageOf(error: unknown): string {
  if (error instanceof OperationError) return `${error.message}. ${error.hint}`.trim();
  return error instanceof Error ? error.message : String(error);
}
