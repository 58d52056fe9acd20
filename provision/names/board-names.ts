import { OperationError } from "../events.js";
import { type BoardPlace, isBoardName, NAME_IS } from "./place.js";
import type { ListedPlace } from "./places-csv.js";

/** The board that wants a name. */
export interface Nameless {
  /** Chip's address, device's name, or both. */
  readonly ids: readonly string[];
  /** The name that it had before, where nobody else has it by now. */
  readonly had: string | undefined;
  readonly isFree: (name: string) => boolean;
}

/** Where names come from. */
export interface NameSource {
  /** Undefined where none is left. */
  next(board: Nameless): BoardPlace | undefined | Promise<BoardPlace | undefined>;
  /** For messages: `places.csv`. */
  readonly from: string;
}

/** A board that was given a name before. `isDone`: it has been enrolled by it. */
export interface NamedBefore {
  readonly name: string;
  readonly ids: readonly string[];
  readonly isDone: boolean;
}

/**
 * Gives each board of a batch a name of its own: the one that it had before, where no other board is done by it; else the first that is free.
 * A board that fails gives its name back.
 */
export class BoardNames {
  readonly #source: NameSource;
  /** Names of boards that are done, and whose they are. */
  readonly #done = new Map<string, readonly string[]>();
  /** By a board's id. */
  readonly #before = new Map<string, string>();
  /** Names of boards that are being done. */
  readonly #held = new Set<string>();

  constructor(source: NameSource, before: readonly NamedBefore[]) {
    this.#source = source;
    for (const { name, ids, isDone } of before) {
      for (const id of ids) this.#before.set(id, name);
      if (isDone) this.#done.set(name, ids);
    }
  }

  /** Holds a name for the board with these ids until `give` or `keep`. Throws OperationError `no-name`. */
  async take(ids: readonly string[]): Promise<BoardPlace> {
    const isFree = (name: string) =>
      !this.#held.has(name) && (this.#done.get(name)?.some((id) => ids.includes(id)) ?? true);
    const had = ids.flatMap((id) => this.#before.get(id) ?? []).find(isFree);
    const place = await this.#source.next({ ids, had, isFree });
    if (place === undefined)
      throw new OperationError(
        "provision",
        "no-name",
        `no name is left for this board: each of ${this.#source.from} belongs to another`,
        `Add a name to ${this.#source.from}, or take the line of a board that is gone out of the log.`,
      );
    this.#held.add(place.name);
    return place;
  }

  /** The board failed: another may have its name. */
  give({ name }: BoardPlace): void {
    this.#held.delete(name);
  }

  /** The board is done. */
  keep({ name }: BoardPlace, ids: readonly string[]): void {
    this.#held.delete(name);
    this.#done.set(name, ids);
    for (const id of ids) this.#before.set(id, name);
  }
}

/** For one board: the name that it takes is its own with `keep`, and free again with `giveBack`. */
export function lend(names: BoardNames | undefined) {
  let held: { readonly place: BoardPlace; readonly ids: readonly string[] } | undefined;
  const take =
    names &&
    (async (ids: readonly string[]) => {
      held = { place: await names.take(ids), ids };
      return held.place;
    });
  return {
    nameFor: take,
    keep(): void {
      if (held !== undefined) names?.keep(held.place, held.ids);
    },
    giveBack(): void {
      if (held !== undefined) names?.give(held.place);
    },
  };
}

const NUMBER = /\{n+\}/;
/** More boards than a site has. */
const MOST_NUMBER = 1_000_000;

/** Whether a pattern has its number: `roof {n}`; `{nnn}` is a number of three digits at the least. */
export const hasNumber = (pattern: string): boolean => NUMBER.test(pattern);

/** `roof {n}` from `first` on. */
export function numberedNames(pattern: string, first = 1): NameSource {
  const name = (n: number) => pattern.replace(NUMBER, (sign) => String(n).padStart(sign.length - 2, "0"));
  const [before = "", after = ""] = pattern.split(NUMBER);
  const isNumbered = (text: string) =>
    text.startsWith(before) &&
    text.endsWith(after) &&
    /^\d+$/.test(text.slice(before.length, text.length - after.length));
  return {
    from: `"${pattern}"`,
    next({ had, isFree }) {
      if (had !== undefined && isNumbered(had)) return { name: had };
      for (let n = first; n < MOST_NUMBER; n++) if (isFree(name(n))) return { name: name(n) };
      return undefined;
    },
  };
}

/** The places of a list, in its order; a row that names a board is that board's alone. */
export function listedNames(places: readonly ListedPlace[], from: string): NameSource {
  return {
    from,
    next({ ids, had, isFree }) {
      const open = places.filter(({ board }) => board === undefined);
      const found =
        places.find(({ board }) => board !== undefined && ids.includes(board)) ??
        open.find(({ name }) => name === had) ??
        open.find(({ name }) => isFree(name));
      if (found === undefined) return undefined;
      const { board: _, ...place } = found;
      return place;
    },
  };
}

/** Names that a person says. `ask` gives undefined where nobody will answer any more. */
export function askedNames(ask: (question: string) => Promise<string | undefined>): NameSource {
  return {
    from: "what was typed",
    async next({ ids, had, isFree }) {
      for (let why = ""; ; ) {
        const offer = had === undefined ? "" : ` (Enter for "${had}")`;
        const typed = await ask(`${why}Name of board ${ids.join(", ")}${offer}: `);
        if (typed === undefined) return undefined;
        const name = typed.trim() === "" && had !== undefined ? had : typed.trim();
        if (!isBoardName(name)) why = `A name has ${NAME_IS}. `;
        else if (!isFree(name)) why = `"${name}" belongs to another board. `;
        else return { name };
      }
    },
  };
}
