import { InputError } from "../../agent/input-error.js";
import { quoted } from "../../text/visible.js";

/** Where a board is: degrees of WGS 84, and metres above the sea. */
export interface Position {
  readonly lat: number;
  readonly lon: number;
  readonly alt?: number | undefined;
}

/** What one board of a site is called, and where it will be, as far as that was said. */
export interface BoardPlace {
  readonly name: string;
  readonly position?: Position | undefined;
}

/** Of a board's name, in bytes of UTF-8, as the board takes it (docs/provisioning.md). */
const MOST_NAME = 48;

/** What a board's name is, for messages. */
export const NAME_IS = `1 to ${MOST_NAME} bytes, none of them a control character`;

export function isBoardName(text: string): boolean {
  const bytes = new TextEncoder().encode(text).length;
  return bytes >= 1 && bytes <= MOST_NAME && !/[\p{Cc}\p{Cs}]/u.test(text);
}

/** Least and most of what a position may be. */
export const RANGES = { lat: [-90, 90], lon: [-180, 180], alt: [-500, 9000] } as const;

export function isIn(axis: keyof typeof RANGES, value: number): boolean {
  const [least, most] = RANGES[axis];
  return value >= least && value <= most;
}

/** `47.3769,8.5417` or `47.3769,8.5417,408`. Throws InputError. */
export function parsePosition(text: string): Position {
  const [lat, lon, alt, ...more] = text
    .split(",")
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const isRight =
    lat !== undefined && lon !== undefined && more.length === 0 && isIn("lat", lat) && isIn("lon", lon);
  if (!isRight || (alt !== undefined && !isIn("alt", alt)))
    throw new InputError(
      `${quoted(text)} is no position: latitude, longitude and, where it is known, altitude, as 47.3769,8.5417,408`,
    );
  return { lat, lon, ...(alt !== undefined && { alt }) };
}

export const positionText = ({ lat, lon, alt }: Position): string =>
  [lat, lon, ...(alt === undefined ? [] : [alt])].join(",");
