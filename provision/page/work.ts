import type { OperationEvent, Step } from "../events.js";
import { button, create, element, part } from "./dom.js";
import type { Language } from "./language.js";
import type { Stage, Stages } from "./stages.js";
import type { TextKey, Values } from "./texts/texts.js";
import { chipFamily } from "./words.js";

interface StepTexts {
  readonly stage: Stage;
  readonly doing: TextKey;
  /** Said when the next step begins; missing where an event of the step says more. */
  readonly done?: TextKey;
}

const STEPS: Readonly<Record<Step, StepTexts>> = {
  scan: { stage: "connect", doing: "stepScan" },
  identify: { stage: "connect", doing: "stepIdentify" },
  flash: { stage: "firmware", doing: "stepFlash", done: "didFlash" },
  verify: { stage: "firmware", doing: "stepVerify", done: "didVerify" },
  provision: { stage: "wifi", doing: "stepProvision", done: "didProvision" },
  enrol: { stage: "proof", doing: "stepEnrol" },
  reading: { stage: "proof", doing: "stepReading", done: "didReading" },
  brokers: { stage: "proof", doing: "stepBrokers", done: "didBrokers" },
  receipt: { stage: "receipt", doing: "stepReceipt" },
};

/** Progress is spoken at each of these parts of the whole. */
const SPOKEN = 0.25;

/** The section that shows what the board is doing: the events of operations, as they come. */
export class Work {
  readonly #language: Language;
  readonly #stages: Stages;
  readonly #bar = element("progress", HTMLProgressElement);
  readonly #percent = part("percent-line");
  readonly #status = part("status");
  readonly #done = part("work-done");
  #step: Step = "scan";
  #spoken = 0;

  constructor(language: Language, stages: Stages) {
    this.#language = language;
    this.#stages = stages;
  }

  /** What is being done, or was when it failed. */
  get step(): Step {
    return this.#step;
  }

  /** Another board, or the same from the start. */
  clear(): void {
    this.#step = "scan";
    this.#done.replaceChildren();
  }

  event(event: OperationEvent): void {
    if (event.type === "step") this.#begin(event.step);
    else if (event.type === "progress") this.#progress(event.done / event.total);
    else if (event.type === "identified") this.#did("didIdentify", { chip: chipFamily(event.chip) });
    else if (event.type === "named") this.#did("didName", { name: event.name });
    else if (event.type === "identity") this.#did("didEnrol");
  }

  #begin(step: Step): void {
    const { done } = STEPS[this.#step];
    // A step that is begun again has not been done.
    if (done !== undefined && step !== this.#step && step !== "identify") this.#did(done);
    this.#step = step;
    const { stage, doing } = STEPS[step];
    this.#stages.at(stage);
    this.says(doing);
    button("stop").hidden = step !== "flash" && step !== "verify";
    this.#bar.removeAttribute("value");
    this.#percent.hidden = true;
    this.#spoken = 0;
    this.#stages.show("work");
  }

  /** What is going on, where the step alone does not say it. */
  says(key: TextKey): void {
    this.#language.say(part("work-title"), key);
    this.#language.say(this.#status, key);
  }

  #did(key: TextKey, values: Values = {}): void {
    const text = create("span");
    this.#language.say(text, key, values);
    this.#done.append(create("li", {}, text));
  }

  #progress(done: number): void {
    const percent = Math.floor(100 * Math.min(1, done));
    this.#bar.value = percent;
    part("percent").textContent = String(percent);
    this.#percent.hidden = false;
    if (done < this.#spoken + SPOKEN) return;
    this.#spoken = done - (done % SPOKEN);
    this.#language.say(this.#status, "percentDone", { percent });
  }
}
