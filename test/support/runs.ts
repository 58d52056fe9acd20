/**
 * How many of many cases to try: all of them under Jest, `few` where test/engines runs the file on V8 and on XS, which is some
 * twenty times slower. The same number on both.
 */
export function runs(all: number, few: number): number {
  return "host" in globalThis ? few : all;
}
