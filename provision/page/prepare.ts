import { type Bundle, openBundle } from "../bundle/bundle.js";
import { type BundleSource, bundleFromZip } from "../bundle/source.js";
import { signatureChecker } from "./checker.js";
import { button, click, input, part } from "./dom.js";
import type { Files, PickedFiles, ServedFiles } from "./files.js";
import type { Language } from "./language.js";
import { type LoadedSite, loadSite, MissingFile } from "./site.js";
import { SITE_FILE } from "./site-path.js";
import type { Stages } from "./stages.js";
import type { TextKey, Values } from "./texts/texts.js";
import { chipFamily } from "./words.js";

/** What all boards of the day get. */
export interface Plan {
  readonly site: LoadedSite;
  /** Undefined: boards keep the firmware that they have. */
  readonly bundle: Bundle | undefined;
}

/** The section where the site file and the firmware are chosen. */
export class Prepare {
  readonly #language: Language;
  readonly #stages: Stages;
  readonly #picked: PickedFiles;
  readonly #served: ServedFiles;
  #site: LoadedSite | undefined;
  #bundle: Bundle | undefined;
  /** The last that was picked is refused: boards are not done without, as if none had been picked. */
  #isRefused = false;
  /** One look after the other, for the last that was picked counts. */
  #looking: Promise<void>;

  constructor(
    language: Language,
    stages: Stages,
    { picked, served }: { picked: PickedFiles; served: ServedFiles },
  ) {
    this.#language = language;
    this.#stages = stages;
    this.#picked = picked;
    this.#served = served;
    for (const id of ["site-file", "bundle-file"]) {
      const field = input(id);
      field.addEventListener("change", () => {
        this.#take(field.files ?? []);
        field.value = ""; // the same file may be picked again, after it was mended
      });
    }
    acceptDrops((files) => this.#take(files));
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
      else return { site: this.#site, bundle: this.#bundle };
    }
  }

  /** Moves the focus to what has to be chosen; says again what it says. */
  #insist(what: "site" | "bundle"): void {
    const state = part(`${what}-state`);
    state.className = "state bad";
    part("status").textContent = state.textContent;
    input(`${what}-file`).focus();
  }

  #take(files: Iterable<File>): void {
    const taken = [...files];
    if (taken.length === 0) return;
    this.#picked.add(taken);
    const ended = (end: string) => taken.some(({ name }) => name.toLowerCase().endsWith(end));
    const hasZip = ended(".zip");
    this.#looking = this.#looking.then(async () => {
      // A certificate or password that is picked later completes the site file that was there before.
      if (!hasZip || taken.length > 1) await this.#lookAtSite();
      if (hasZip || this.#bundle === undefined || ended(".toml")) await this.#lookAtZip();
    });
  }

  async #lookServed(): Promise<void> {
    const bytes = await this.#served.read(SITE_FILE);
    if (bytes === undefined) return;
    await this.#read(bytes, this.#served);
    const { bundle } = this.#site ?? {};
    if (bundle === undefined) return;
    const zip = bundle.endsWith(".zip") ? await this.#served.read(bundle) : undefined;
    await this.#check(() => (zip ? bundleFromZip(bundle, zip) : folder(bundle, this.#served)));
  }

  async #lookAtSite(): Promise<void> {
    const bytes = await this.#picked.named(".toml")?.arrayBuffer();
    if (bytes !== undefined) await this.#read(new Uint8Array(bytes), this.#picked);
    else if (this.#site === undefined) this.#say("site-state", "siteNone");
  }

  async #read(bytes: Uint8Array, files: Files): Promise<void> {
    try {
      this.#site = await loadSite(bytes, files);
    } catch (error) {
      this.#site = undefined;
      if (error instanceof MissingFile)
        this.#say("site-state", "siteFileMissing", "bad", { file: error.file });
      else this.#say("site-state", "siteBad", "bad", { reason: messageOf(error) });
      return;
    }
    const { name: site, network, brokers } = this.#site;
    this.#say("site-state", "siteGood", "good", { site, network, brokers: brokers.join(", ") });
  }

  async #lookAtZip(): Promise<void> {
    const zip = this.#picked.named(".zip");
    if (zip === undefined) return;
    const bytes = await this.#picked.read(zip.name);
    if (bytes !== undefined) await this.#check(() => bundleFromZip(zip.name, bytes));
  }

  async #check(source: () => BundleSource): Promise<void> {
    this.#bundle = undefined;
    this.#isRefused = true;
    if (this.#site === undefined) return this.#say("bundle-state", "bundleNeedsSite", "bad");
    try {
      this.#bundle = await openBundle(source(), this.#site.signer, signatureChecker);
    } catch (error) {
      return this.#say("bundle-state", "bundleBad", "bad", { reason: messageOf(error) });
    }
    this.#isRefused = false;
    const { name, version, chips } = this.#bundle;
    this.#say("bundle-state", "bundleGood", "good", {
      name,
      version,
      chips: chips.map(chipFamily).join(", "),
    });
  }

  #say(id: string, key: TextKey, look: "" | "good" | "bad" = "", values: Values = {}): void {
    part(id).className = `state ${look}`;
    this.#language.say(part(id), key, values);
    if (look !== "") this.#language.say(part("status"), key, values);
  }
}

const folder = (name: string, files: Files): BundleSource => ({
  name,
  read: (path) => files.read(`${name.replace(/\/$/, "")}/${path}`),
});

function acceptDrops(take: (files: Iterable<File>) => void): void {
  const dropping = (is: boolean) => document.body.classList.toggle("dropping", is);
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    dropping(true);
  });
  document.addEventListener("dragleave", () => dropping(false));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    dropping(false);
    take(event.dataTransfer?.files ?? []);
  });
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
