import { basename } from "node:path";
import { createInterface } from "node:readline";
import { readTextFile } from "../node/text-file.js";
import {
  askedNames,
  BoardNames,
  listedNames,
  type NamedBefore,
  type NameSource,
  numberedNames,
} from "../provision/names/board-names.js";
import { parsePlaces } from "../provision/names/places-csv.js";
import { firstLine } from "../text/decode.js";
import type { LoadedSite } from "./site-file.js";

/** Where a batch's boards get their names, as its site file says; undefined where it says nothing. `say`: shows a question. Throws InputError. */
export function namesOf(
  { site, at }: LoadedSite,
  before: readonly NamedBefore[],
  say: (question: string) => void,
): (BoardNames & { close(): void }) | undefined {
  const { name, first, names_file: file, ask_names: asks } = site.batch ?? {};
  if (name !== undefined) return named(numberedNames(name, first), before);
  if (file !== undefined) {
    const text = readTextFile(at(file));
    return named(listedNames(parsePlaces(text, file), basename(file)), before);
  }
  if (asks !== true) return undefined;
  const lines = new Lines(say);
  return named(
    askedNames((question) => lines.ask(question)),
    before,
    () => lines.close(),
  );
}

function named(source: NameSource, before: readonly NamedBefore[], close = () => {}) {
  return Object.assign(new BoardNames(source, before), { close });
}

/** Lines that somebody types, or that a program writes to standard input: one question at a time. */
class Lines {
  readonly #say: (question: string) => void;
  readonly #interface = createInterface({ input: process.stdin });
  readonly #typed: string[] = [];
  #isOver = false;
  #wake = () => {};
  #turn: Promise<unknown> = Promise.resolve();

  constructor(say: (question: string) => void) {
    this.#say = say;
    this.#interface.on("line", (line) => {
      this.#typed.push(firstLine(line)); // a program may send a byte order mark first
      this.#wake();
    });
    this.#interface.on("close", () => {
      this.#isOver = true;
      this.#wake();
    });
  }

  /** Undefined where no line comes any more. */
  ask(question: string): Promise<string | undefined> {
    const answer = this.#turn.then(async () => {
      this.#say(question);
      while (this.#typed.length === 0 && !this.#isOver)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      return this.#typed.shift();
    });
    this.#turn = answer;
    return answer;
  }

  close(): void {
    this.#interface.close();
  }
}
