import type { FailureCode } from "../events.js";
import type { TextKey } from "./texts/texts.js";

interface Advice {
  readonly title: TextKey;
  /** What to try, the likeliest first. */
  readonly hints: readonly TextKey[];
}

/** What a page can fail at besides operations. */
export type PageTrouble = "no-serial" | "stopped";
export type Trouble = FailureCode | PageTrouble;

const SILENT: Advice = { title: "troubleSilent", hints: ["hintReset", "hintThenRetry", "hintCable"] };
const NO_FIRMWARE: Advice = { title: "troubleNoFirmware", hints: ["hintFlashIt", "hintThenRetry"] };
const BUNDLE: Advice = { title: "troubleBundle", hints: ["hintBundle"] };
const IDENTITY: Advice = { title: "troubleIdentity", hints: ["hintIdentity"] };
const READING: Advice = { title: "troubleReading", hints: ["hintReading", "hintSensor"] };
const FLASH: Advice = { title: "troubleFlash", hints: ["hintFlashAgain", "hintCable", "hintFlashBad"] };
const WIFI: Advice = { title: "troubleWifi", hints: ["hintWifi", "hintWifiRange"] };
const BUSY: Advice = { title: "troubleBusy", hints: ["hintCloseOthers", "hintReplug", "hintPermission"] };
const IDENTITY_AT_RISK: Advice = {
  title: "troubleIdentityAtRisk",
  hints: ["hintIdentityAtRisk", "hintAskOffice"],
};
const OTHER: Advice = { title: "troubleOther", hints: ["hintReplug", "hintThenRetry"] };

/** The usual troubles, in the words of somebody who stands in a field. */
export const TROUBLES: Readonly<Record<Trouble, Advice>> = {
  "no-serial": { title: "troubleNoSerial", hints: ["hintChromium", "hintSecure"] },
  "no-port": {
    title: "troubleNoPort",
    hints: ["hintPickPort", "hintWrongCable", "hintOtherSocket", "hintDriver"],
  },
  "port-busy": BUSY,
  "port-forbidden": BUSY,
  "cable-pulled": { title: "troublePulled", hints: ["hintPulled", "hintCable"] },
  "no-loader": { title: "troubleSilent", hints: ["hintBoot", "hintThenRetry", "hintCable"] },
  "no-firmware": SILENT,
  "port-silent": { title: "troubleSilent", hints: ["hintReset", "hintThenRetry", "hintWrongCable"] },
  "wrong-rate": { title: "troubleSilent", hints: ["hintFlashIt", "hintCable"] },
  "in-loader": { title: "troubleSilent", hints: ["hintReset", "hintFlashIt"] },
  "not-flashed": NO_FIRMWARE,
  "other-firmware": NO_FIRMWARE,
  "boot-failed": NO_FIRMWARE,
  "wrong-chip": { title: "troubleChip", hints: ["hintChip", "hintOtherBundle"] },
  "bundle-damaged": BUNDLE,
  "bundle-signature": BUNDLE,
  "bundle-untrusted": BUNDLE,
  "bundle-foreign": { title: "troubleForeign", hints: ["hintForeign", "hintAskOffice"] },
  "bundle-layout": BUNDLE,
  "identity-partition": IDENTITY_AT_RISK,
  downgrade: { title: "troubleDowngrade", hints: ["hintDowngrade", "hintNewerBundle"] },
  confirmation: IDENTITY_AT_RISK,
  "flash-failed": FLASH,
  "verify-failed": FLASH,
  "wifi-refused": WIFI,
  "wifi-missing": WIFI,
  "settings-refused": { title: "troubleSettings", hints: ["hintSettings", "hintAskOffice"] },
  "other-owner": { title: "troubleOwner", hints: ["hintOwner", "hintOwnerReset"] },
  "statement-bad": IDENTITY,
  "enrolled-already": IDENTITY,
  "clock-wrong": { title: "troubleClock", hints: ["hintClock", "hintThenRetry"] },
  "reading-missing": READING,
  "reading-bad": READING,
  "no-name": { title: "troubleNoName", hints: ["hintNoName", "hintAskOffice"] },
  "no-broker": { title: "troubleBroker", hints: ["hintBroker", "hintBrokerSettings", "hintAskOffice"] },
  "receipt-bad": OTHER,
  file: OTHER,
  internal: OTHER,
  stopped: { title: "troubleStopped", hints: ["hintStopped"] },
};
