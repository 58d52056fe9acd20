import { fail, kindOf, SettingError } from "../input-error.js";

/** What JSON gives where settings are expected. */
export type Given = { readonly [name: string]: unknown };

/** An object. Like all of this module it throws SettingError. */
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
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const allowed = `there is no such setting; there are ${names.join(", ")}`;
    throw new SettingError(where || "settings", allowed, `${at(where, name)}: ${allowed}`);
  }
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

const at = (where: string, name: string) => (where === "" ? name : `${where}.${name}`);
