import { z } from "zod";

/** Files of a bundle: where they are looked for, in a folder, a zip or beside each other on a server. */
export const MANIFEST = "manifest.json";
export const SIGNATURE = "manifest.json.cose";

/** Bytes of them: more than any has. */
export const MOST_MANIFEST = 1 << 20;
export const MOST_SIGNATURE = 4096;

/** Of Espressif's flash, which nothing is written beyond. */
export const MOST_FLASH = 16 << 20;
/** Of all parts of a bundle, in bytes: they are held in memory. */
const MOST_PARTS = 64 << 20;

/** A plain relative path: it leads nowhere else, on no system, and is no URL. */
const PartPath = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/, "not a plain relative path");

const Part = z.object({
  path: PartPath,
  offset: z.int().min(0).max(MOST_FLASH),
});

const Build = z.object({
  /** `ESP32-C3`. */
  chipFamily: z.string(),
  parts: z.array(Part).min(1).max(16),
});

/**
 * The manifest of ESP Web Tools (https://esphome.github.io/esp-web-tools/), which lets members be that it does not know; and
 * `fieldmark`, by which parts can be checked.
 */
export const Manifest = z
  .object({
    name: z.string().min(1).max(100),
    version: z.string().min(1).max(100),
    builds: z.array(Build).min(1).max(32),
    fieldmark: z.strictObject({
      bundle: z.literal(1),
      /** By path. */
      parts: z.record(
        PartPath,
        z.strictObject({
          bytes: z.int().min(1).max(MOST_FLASH),
          /** In lower-case hex. */
          sha256: z.string().regex(/^[0-9a-f]{64}$/),
        }),
      ),
    }),
  })
  .refine(({ fieldmark: { parts } }) => bytesOf(parts) <= MOST_PARTS, {
    path: ["fieldmark", "parts"],
    message: `more than ${MOST_PARTS} bytes in all`,
  })
  .refine(({ builds }) => isOnce(builds.flatMap(({ parts }) => parts.map(({ path }) => path))), {
    path: ["builds"],
    message: "the same path twice",
  });

function bytesOf(parts: Readonly<Record<string, { readonly bytes: number }>>): number {
  return Object.values(parts).reduce((sum, { bytes }) => sum + bytes, 0);
}

const isOnce = (paths: readonly string[]) => new Set(paths).size === paths.length;

export type Manifest = z.infer<typeof Manifest>;

/** `ESP32-C3` and `esp32c3` are one. */
export function chipName(family: string): string {
  return family.toLowerCase().replaceAll("-", "");
}
