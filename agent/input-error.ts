/**
 * What somebody gave is wrong: a caller, a file, a peer. The message says what. Bare RangeError is
 * left to faults of the program: engines throw it too, for instance where a stack overflows.
 */
export class InputError extends Error {}

/** A setting is not what it may be. */
export class SettingError extends InputError {
  /**
   * `setting`: its path, as in `brokers[0].port`. `allowed`: what it may be, in a clause that repeats
   * nothing of what was given, which may be a password: "it is not an IPv4 address". `message`: the
   * same where what was given may be seen.
   */
  constructor(
    readonly setting: string,
    readonly allowed: string,
    message = `${setting}: ${allowed}`,
  ) {
    super(message);
  }
}

/** Not every object can be made a text of: one of JSON may have a member `toString`, or be nested deeply. */
export function fail(setting: string, value: unknown, allowed: string): never {
  const given = typeof value === "object" ? kindOf(value) : String(value);
  throw new SettingError(setting, `it is not ${allowed}`, `${setting}: ${given} is not ${allowed}`);
}

/** Not the value itself: where a text is wanted it may be a password. */
export function kindOf(value: unknown): string {
  if (value === "") return "an empty text";
  return value === undefined || value === null ? String(value) : `a value of type ${typeof value}`;
}
