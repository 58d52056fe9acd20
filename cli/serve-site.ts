import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parse } from "smol-toml";
import { InputError } from "../agent/input-error.js";
import { readTextFile } from "../node/text-file.js";
import { SITE_FILE, sitePath } from "../provision/page/site-path.js";

type Table = { readonly [name: string]: unknown };

/** Of a bundle in a folder: more than one has. */
const MOST_FILES = 256;

/**
 * What the page may read of a site: its file, and what brokers and firmware name there; nothing else, above all neither
 * the owner's key nor the Wi-Fi password. Paths on disk by the address that provision/page/site-path.ts gives them.
 * Throws InputError where the file is no TOML or a file that it names is missing.
 */
export function siteFiles(path: string): ReadonlyMap<string, string> {
  const site = parseToml(path);
  const folder = dirname(resolve(path));
  const files = new Map([[sitePath(SITE_FILE), resolve(path)]]);
  const add = (name: string) => {
    const file = resolve(folder, name);
    if (!existsSync(file)) throw new InputError(`${path} names ${name}, which is not there`);
    if (!statSync(file).isDirectory()) files.set(sitePath(name), file);
    else for (const inside of filesOf(file)) files.set(sitePath(`${name}/${inside}`), join(file, inside));
  };
  for (const broker of tables(site.brokers)) for (const name of named(broker)) add(name);
  for (const { bundle } of tables([site.firmware])) if (typeof bundle === "string") add(bundle);
  for (const { names_file: list } of tables([site.batch])) if (typeof list === "string") add(list);
  return files;
}

function parseToml(path: string): Table {
  const text = readTextFile(path);
  try {
    return parse(text);
  } catch {
    // Its message shows the line, which may hold a password.
    throw new InputError(`${path} is not TOML`);
  }
}

const tables = (given: unknown): readonly Table[] =>
  (Array.isArray(given) ? given : []).filter((it) => typeof it === "object" && it !== null);

const named = (broker: Table): readonly string[] =>
  Object.entries(broker).flatMap(([key, value]) =>
    key.endsWith("_file") && typeof value === "string" ? [value] : [],
  );

function filesOf(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  if (names.length > MOST_FILES) throw new InputError(`${folder} holds too much for a bundle`);
  return names
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.replaceAll("\\", "/"));
}
