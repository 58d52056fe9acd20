/**
 * A name between quotation marks, so that spaces at its ends are seen; what no one sees at all, or takes for a space, is written as its number.
 */
export function quoted(name: string): string {
  return JSON.stringify(name).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]|(?! )\p{Zs}/gu,
    (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** `name` as it is, unless spaces in it would be overlooked. */
export const shown = (name: string): string =>
  /^[^\p{C}\p{Z}]+( [^\p{C}\p{Z}]+)*$/u.test(name) ? name : quoted(name);

/** Whether two names differ only in what people overlook: spaces, capital letters, how a letter with an accent is put together. */
export const isAlike = (one: string, other: string): boolean => bare(one) === bare(other);

const bare = (name: string) =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{C}\p{Z}\s]/gu, "");
