import type { FoundNetwork } from "../../agent/provision/host.js";
import { alikeAmong, shown } from "../../text/quoted.js";
import { quoted } from "../../text/visible.js";
import { button, create, element, input, part } from "./dom.js";
import type { Language } from "./language.js";
import type { Stages } from "./stages.js";
import type { TextKey } from "./texts/texts.js";

export interface WifiChoice {
  readonly ssid: string;
  /** Empty for an open network. */
  readonly password: string;
}

/** WPA2's shortest passphrase (IEEE 802.11-2020 annex J.4). */
const SHORTEST_PASSWORD = 8;
/** dBm: what phones show as full bars, and as one. */
const STRONG = -60;
const WEAK = -75;

/** The form in which a network is picked. A password lives in its field and in this object, for the boards that follow. */
export class WifiForm {
  readonly #language: Language;
  readonly #stages: Stages;
  readonly #error = part("wifi-error");
  readonly #password = input("password");
  readonly #otherName = input("other-name");
  #networks: readonly FoundNetwork[] = [];
  /** What was given to this board, and what the last board was let in with. */
  #given: WifiChoice | undefined;
  #last: WifiChoice | undefined;
  /** A name that was typed, and that the person knows to be only nearly one that is heard. */
  #meant: string | undefined;
  #answer: (choice: WifiChoice | "rescan") => void = () => {};

  constructor(language: Language, stages: Stages) {
    this.#language = language;
    this.#stages = stages;
    element("wifi-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    part("networks").addEventListener("change", () => this.#picked());
    button("scan-again").addEventListener("click", () => this.#answer("rescan"));
    const show = button("show-password");
    show.addEventListener("click", () => {
      const isShown = this.#password.type === "text";
      this.#password.type = isShown ? "password" : "text";
      show.setAttribute("aria-pressed", String(!isShown));
    });
  }

  /** `preferred`: the site's own network. `isRefused`: the last choice did not work. */
  async ask(
    networks: readonly FoundNetwork[],
    preferred: string | undefined,
    isRefused = false,
  ): Promise<WifiChoice | "rescan"> {
    this.#networks = [...networks].sort((a, b) => b.rssi - a.rssi);
    this.#meant = undefined;
    this.#fill((isRefused ? this.#given : this.#last)?.ssid ?? preferred);
    this.#language.hush(this.#error);
    const count = networks.length;
    this.#language.say(part("wifi-text"), count === 0 ? "wifiNone" : "wifiText");
    this.#language.say(part("status"), "wifiFound", { count });
    const answer = new Promise<WifiChoice | "rescan">((resolve) => {
      this.#answer = resolve;
    });
    this.#stages.show("wifi");
    if (isRefused) this.#complain("wifiRefused", this.#password, shown(this.#given?.ssid ?? ""));
    return await answer;
  }

  /** The board was let in: the next is likely to be, too. */
  worked(): void {
    this.#last = this.#given;
    this.#password.value = "";
  }

  #fill(wanted: string | undefined): void {
    const rows = this.#networks.map(({ ssid, rssi, isSecured }, i) => {
      const signal = create("span", { classes: "signal" });
      const strength = create("span");
      this.#language.say(
        strength,
        rssi >= STRONG ? "signalStrong" : rssi < WEAK ? "signalWeak" : "signalMiddle",
      );
      const lock = create("span");
      this.#language.say(lock, isSecured ? "wifiSecured" : "wifiOpen");
      signal.append(strength, ", ", lock);
      return row(String(i), create("span", { text: shown(ssid), classes: "name" }), signal);
    });
    const other = create("span", { classes: "name" });
    this.#language.say(other, "wifiOther");
    part("networks").replaceChildren(...rows, row("other", other));
    const index = this.#networks.findIndex(({ ssid }) => ssid === wanted);
    const isOther = index < 0 && (wanted !== undefined || this.#networks.length === 0);
    if (isOther) this.#otherName.value = wanted ?? "";
    const value = isOther ? "other" : String(index);
    for (const radio of document.querySelectorAll<HTMLInputElement>("#networks input"))
      radio.checked = radio.value === value;
    this.#picked();
  }

  /** Undefined where nothing is picked. */
  get #choice(): { readonly ssid: string; readonly secured: boolean; readonly isOther: boolean } | undefined {
    const value = document.querySelector<HTMLInputElement>("#networks input:checked")?.value;
    if (value === "other") return { ssid: this.#otherName.value, secured: false, isOther: true };
    const network = this.#networks[Number(value ?? Number.NaN)];
    return network && { ssid: network.ssid, secured: network.isSecured, isOther: false };
  }

  #picked(): void {
    const choice = this.#choice;
    part("other-field").hidden = choice?.isOther !== true;
    part("password-field").hidden = choice === undefined || !(choice.secured || choice.isOther);
    this.#password.value =
      choice !== undefined && choice.ssid === this.#last?.ssid ? this.#last.password : "";
    this.#language.hush(this.#error);
  }

  #submit(): void {
    const choice = this.#choice;
    const password = this.#password.value;
    const alike = choice === undefined ? [] : this.#alike(choice.ssid);
    if (choice === undefined) {
      const first = document.querySelector<HTMLInputElement>("#networks input");
      if (first !== null) this.#complain("wifiNeedsChoice", first);
    } else if (choice.ssid === "") this.#complain("wifiNeedsName", this.#otherName);
    else if ((choice.secured || password !== "") && password.length < SHORTEST_PASSWORD)
      this.#complain("wifiNeedsPassword", this.#password, shown(choice.ssid));
    else if (alike.length > 0 && choice.ssid !== this.#meant) {
      this.#meant = choice.ssid;
      this.#complain("wifiAlike", this.#otherName, quoted(choice.ssid), alike.map(quoted).join(", "));
    } else {
      this.#given = { ssid: choice.ssid, password: choice.secured || choice.isOther ? password : "" };
      this.#answer(this.#given);
    }
  }

  #alike(ssid: string): readonly string[] {
    return alikeAmong(
      ssid,
      this.#networks.map((network) => network.ssid),
    );
  }

  #complain(key: TextKey, field: HTMLInputElement, ssid = "", heard = ""): void {
    this.#language.say(this.#error, key, { ssid, heard });
    field.focus();
  }
}

function row(value: string, ...content: Node[]): HTMLLabelElement {
  const radio = create("input");
  radio.type = "radio";
  radio.name = "network";
  radio.value = value;
  return create("label", { classes: "network" }, radio, ...content);
}
