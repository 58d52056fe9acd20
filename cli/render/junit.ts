import { visibleLines } from "../../text/visible.js";
import type { Check } from "./checks.js";

/**
 * Checks as JUnit's XML, which CI systems show: a test suite with a test case for each
 * (https://github.com/testmoapp/junitxml describes what they read).
 */
export function junitText(
  checks: readonly Check[],
  seconds: number,
  properties: Record<string, string>,
): string {
  const failures = checks.filter(({ failure }) => failure !== undefined).length;
  const counts = `tests="${checks.length}" failures="${failures}" errors="0" time="${seconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="fieldmark" ${counts}>`,
    `  <testsuite name="fieldmark sim" ${counts}>`,
    "    <properties>",
    ...Object.entries(properties).map(
      ([name, value]) => `      <property name="${escaped(name)}" value="${escaped(value)}"/>`,
    ),
    "    </properties>",
    ...checks.map(caseText),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function caseText({ name, failure }: Check): string {
  const start = `    <testcase classname="fieldmark.sim" name="${escaped(name)}"`;
  if (failure === undefined) return `${start}/>`;
  return `${start}><failure message="${escaped(failure)}">${escaped(failure)}</failure></testcase>`;
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** XML 1.0 §2.2 has no place for other control characters and for half a surrogate, however they are written. */
function escaped(text: string): string {
  return visibleLines(text).replace(/[&<>"\n]/g, (character) => ENTITIES[character] as string);
}
