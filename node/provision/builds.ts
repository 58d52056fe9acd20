import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative } from "node:path";
import { z } from "zod";
import { InputError } from "../../agent/input-error.js";
import { plain, splitMerged } from "../../provision/bundle/builds.js";
import { foreign, kindOf, manifestKind } from "../../provision/bundle/foreign.js";
import type { BuildFiles } from "../../provision/bundle/make.js";
import { chipName, MANIFEST, MOST_FLASH } from "../../provision/bundle/manifest.js";
import { readAppImage } from "../../provision/flash/app-image.js";
import { CHIPS } from "../../provision/flash/chips.js";
import { parseJson } from "../../text/json-text.js";
import { issueText } from "../../text/zod-issue.js";
import { readTextFile } from "../text-file.js";

const FLASHER_ARGS = "flasher_args.json";
const FlasherArgs = z.object({ flash_files: z.record(z.string(), z.string()) });
const Manifest = z.object({
  builds: z
    .array(
      z.object({
        chipFamily: z.string(),
        parts: z.array(z.object({ path: z.string(), offset: z.int().min(0) })).min(1),
      }),
    )
    .min(1),
});

/**
 * Builds that a bundle is made of: the folder of a build of ESP-IDF (flasher_args.json), a folder with a manifest of ESP Web Tools and its parts,
 * that manifest itself, or the image of a whole flash. Throws InputError that says what it is otherwise.
 */
export function readBuilds(path: string): BuildFiles[] {
  if (!statSync(path).isDirectory()) return [...readFile(path)];
  if (existsSync(join(path, FLASHER_ARGS))) return [readBuild(path)];
  if (existsSync(join(path, MANIFEST))) return readManifest(join(path, MANIFEST));
  throw new InputError(
    `${path} has neither ${FLASHER_ARGS} nor ${MANIFEST}: it is no folder of a build, nor one of ESP Web Tools`,
  );
}

function readFile(path: string): BuildFiles[] {
  const bytes = new Uint8Array(readFileSync(path));
  const kind = kindOf(bytes);
  if (kind === "manifest") return readManifest(path);
  if (kind === "merged") return [splitMerged(bytes, path)];
  const known = foreign(path, kind);
  if (known === undefined)
    throw new InputError(`${path}: no folder of a build, no manifest and no image of a whole flash`);
  throw new InputError(`${known.message}\n${known.hint.replace("Nothing was written. ", "")}`);
}

/** What ESP-IDF's build leaves: `flash_files` maps offsets to files. */
function readBuild(folder: string): BuildFiles {
  const { flash_files: files } = parsed(FlasherArgs, join(folder, FLASHER_ARGS));
  const parts = Object.entries(files).map(([offset, file]) => ({
    offset: Number(offset),
    data: readInside(folder, file, join(folder, FLASHER_ARGS)),
    file,
  }));
  const ids = parts.flatMap(({ data }) => readAppImage(data)?.chip ?? []);
  const found = Object.values(CHIPS).find(({ id }) => ids.includes(id));
  if (found === undefined || new Set(ids).size !== 1)
    throw new InputError(`${folder}: its images are not all for one chip that is known`);
  return {
    chipFamily: found.family,
    parts: parts.map(({ offset, data, file }) => ({ path: `${found.name}/${basename(file)}`, offset, data })),
  };
}

/** A manifest that lies beside its parts. */
function readManifest(path: string): BuildFiles[] {
  if (manifestKind(new Uint8Array(readFileSync(path))) === "bundle-manifest")
    throw new InputError(`${path} is of a bundle already: who signs one makes it of the build`);
  return parsed(Manifest, path).builds.map(({ chipFamily, parts }) => ({
    chipFamily,
    parts: parts.map((part) => {
      if (/^[a-z]+:\/\//i.test(part.path))
        throw new InputError(
          `${path}: ${part.path} is on a server: download it beside the manifest, and name it there without the address`,
        );
      const data = readInside(dirname(path), part.path, path);
      return { path: `${chipName(chipFamily)}/${plain(basename(part.path))}`, offset: part.offset, data };
    }),
  }));
}

/** Of the folder that somebody gave, and of no other place: what is read goes into a bundle, which others get. `by`: what names it. */
function readInside(folder: string, name: string, by: string): Uint8Array {
  const path = join(folder, name);
  const way = relative(realpathSync(folder), realpathSync(path));
  if (isAbsolute(way) || way.split(/[\\/]/)[0] === "..")
    throw new InputError(`${by}: ${name} leads out of its folder: put a copy into the folder, and name that`);
  const { size } = statSync(path);
  if (size > MOST_FLASH) throw new InputError(`${by}: ${name} has ${size} bytes, more than any flash`);
  return new Uint8Array(readFileSync(path));
}

function parsed<T>(form: z.ZodType<T>, path: string): T {
  const text = readTextFile(path);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new InputError(`${path} is ${(error as Error).message}`);
  }
  const result = form.safeParse(json);
  if (result.success) return result.data;
  throw new InputError(`${path}: ${issueText(result.error)}`);
}
