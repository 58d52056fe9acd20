/** What JSON gives where settings are expected. */
export type Given = { readonly [name: string]: unknown };

/** An object. Like all of this module it throws RangeError that names the setting, what it is, and what it may be. */
export function object(given: unknown, where: string): Given {
  if (typeof given !== "object" || given === null || Array.isArray(given)) fail(where, given, "an object");
  return given as Given;
}

/** An object whose names are all among `names`. */
export function objectOf(given: unknown, where: string, names: readonly string[]): Given {
  const found = object(given, where);
  checkNames(found, names, where);
  return found;
}

/** A name that nobody looks at would be a setting that somebody believes in. */
export function checkNames(given: object, names: readonly string[], where = ""): void {
  for (const name of Object.keys(given))
    if (!names.includes(name))
      throw new RangeError(`${at(where, name)}: there is no such setting; there are ${names.join(", ")}`);
}

export function text(given: Given, name: string, where = ""): string {
  const value = given[name];
  if (typeof value !== "string" || value === "") fail(at(where, name), kindOf(value), "a text");
  return value as string;
}

export function number(given: Given, name: string, where = ""): number {
  const value = given[name];
  if (typeof value !== "number") fail(at(where, name), value, "a number");
  return value as number;
}

export function count(given: Given, name: string, most: number, where = ""): number {
  const value = number(given, name, where);
  if (!(value >= 1 && value <= most && value % 1 === 0))
    fail(at(where, name), value, `a whole number from 1 to ${most}`);
  return value;
}

export function list(given: Given, name: string, where = ""): readonly unknown[] {
  const value = given[name];
  if (!Array.isArray(value) || (value.length === 0 && name !== "dns"))
    fail(at(where, name), value, "a list with something in it");
  return value as readonly unknown[];
}

/** An IPv4 address. */
export function address(given: unknown, where: string): string {
  const parts = typeof given === "string" ? given.split(".") : [];
  const isByte = (part: string) =>
    part !== "" && Number(part) >= 0 && Number(part) <= 255 && Number(part) % 1 === 0;
  if (parts.length !== 4 || !parts.every(isByte)) fail(where, given, "an IPv4 address");
  return given as string;
}

/** Not the value itself: where a text is wanted it may be a password. */
export function kindOf(value: unknown): string {
  if (value === "") return "an empty text";
  return value === undefined || value === null ? String(value) : `a value of type ${typeof value}`;
}

const at = (where: string, name: string) => (where === "" ? name : `${where}.${name}`);

/** Not every object can be made a text of: one of JSON may have a member `toString`, or be nested deeply. */
export function fail(setting: string, value: unknown, allowed: string): never {
  throw new RangeError(
    `${setting}: ${typeof value === "object" ? kindOf(value) : String(value)} is not ${allowed}`,
  );
}
