import { HttpProblem } from "./problem.js";

/** Media types by the words that `format` takes, the one that is meant without any first. */
export type Formats = Readonly<Record<string, string>>;

interface Range {
  readonly type: string;
  readonly quality: number;
}

/**
 * The format that a request wants: `format`, or else the best that `accept` takes (RFC 9110
 * §12.5.1; the more exact range says how much). Throws HttpProblem 406 where it takes none.
 */
export function chooseFormat<F extends Formats>(
  formats: F,
  format: string | undefined,
  accept: string | undefined,
): keyof F & string {
  const words = Object.keys(formats) as (keyof F & string)[];
  const named = words.find((word) => word === format);
  if (named !== undefined) return named;
  const ranges = readAccept(accept ?? "*/*");
  let best: keyof F & string = words[0] as keyof F & string;
  let quality = 0;
  for (const word of words) {
    const own = qualityOf(formats[word] as string, ranges);
    if (own > quality) [best, quality] = [word, own];
  }
  if (quality > 0) return best;
  throw new HttpProblem(406, `take one of ${Object.values(formats).join(", ")} in Accept, or leave it out`);
}

function readAccept(accept: string): Range[] {
  return accept.split(",").map((part) => {
    const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const quality = weight === undefined ? 1 : Number(weight);
    return { type, quality: quality >= 0 && quality <= 1 ? quality : 0 };
  });
}

function qualityOf(mediaType: string, ranges: readonly Range[]): number {
  const type = (mediaType.split(";")[0] as string).trim();
  for (const wanted of [type, `${type.split("/")[0]}/*`, "*/*"]) {
    const range = ranges.find((one) => one.type === wanted);
    if (range !== undefined) return range.quality;
  }
  return 0;
}
