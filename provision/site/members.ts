import { z } from "zod";

/** The part of an issue of zod that it takes to say what is wrong. */
interface Issue {
  readonly code?: string | undefined;
  readonly input?: unknown;
  readonly keys?: readonly string[];
}

/** What is said of a member that is not there, or is not `what`: with a line of TOML as it should be, and never with what was given. */
function said(what: string, example: string) {
  const error = ({ input }: Issue) =>
    `${input === undefined ? "is missing" : `is not ${what}`}; for instance  ${example}`;
  return { error };
}

// Members of a site file. `example`: a line that is right.

export function text(example: string) {
  const wrong = said("text between quotation marks", example);
  return z.string(wrong).min(1, { error: `is empty; for instance  ${example}` });
}

export function textThat(isGood: (value: string) => boolean, what: string, example: string) {
  return text(example).refine(isGood, said(what, example));
}

export function whole(least: number, most: number, example: string) {
  const wrong = said(`a whole number from ${least} to ${most}`, example);
  return z.int(wrong).min(least, wrong).max(most, wrong);
}

export const finite = (example: string) => z.number(said("a number", example));

export function positive(example: string) {
  const wrong = said("a number above 0", example);
  return z.number(wrong).positive(wrong);
}

export function notNegative(example: string) {
  const wrong = said("a number from 0 on", example);
  return z.number(wrong).min(0, wrong);
}

export const flag = (example: string) => z.boolean(said("true or false, without quotation marks", example));

/** A table of names that others know. */
export const anything = (example: string) => z.record(z.string(), z.unknown(), said("a table", example));

export function list<T extends z.ZodType>(member: T, example: string) {
  return z.array(member, said("a list", example));
}

/** One table or more, each under its own `[[header]]`. */
export function tables<T extends z.ZodType>(member: T, header: string) {
  const wrong = said(`a list of tables, each under ${header}`, header);
  return z.array(member, wrong).min(1, wrong);
}

/** A table of these members and no others. Passwords get their own words: what they are is nowhere said. */
export function table<T extends z.ZodRawShape>(members: T, header: string) {
  const known = Object.keys(members);
  const wrong = said("a table", header).error;
  return z.strictObject(members, {
    error: (issue: Issue) => {
      const { code, keys = [] } = issue;
      if (code !== "unrecognized_keys") return wrong(issue);
      if (keys.includes("password"))
        return "has a password in it, which does not belong into this file: name its file with password_file";
      return `knows no ${keys.join(", ")}, but ${known.join(", ")}`;
    },
  });
}

/** Where an issue is, as people count: `brokers #1.port`; empty for the whole file. */
export function place(path: readonly PropertyKey[]): string {
  return path.reduce<string>((before, part) => {
    if (typeof part === "number") return `${before} #${part + 1}`;
    return before === "" ? String(part) : `${before}.${String(part)}`;
  }, "");
}
