// Ends a test run with what did not run, and one plain line, for people and for CI.

/** The title that test/support/not-run.ts gives. */
const NOT_RUN = /^(.*): not run: (.*)$/;

export default class CountReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const tail = skipped > 0 ? `, ${skipped} skipped` : "";
    const line = `${notRun(results)}${results.numPassedTests} passed, ${failed} failed${tail}\n`;
    // After Jest's own summary, which comes when all reporters are done.
    process.once("exit", () => process.stdout.write(line));
  }
}

/** One line for each reason, with what it kept from running. */
export function notRun({ testResults }) {
  const names = new Map();
  for (const { testResults: tests } of testResults)
    for (const { title } of tests) {
      const [, name, reason] = NOT_RUN.exec(title) ?? [];
      if (name !== undefined) names.set(reason, [...(names.get(reason) ?? []), name]);
    }
  const lines = [...names].map(([reason, kept]) => `  ${reason}: ${kept.join("; ")}\n`);
  return lines.length === 0 ? "" : `Not run on this machine:\n${lines.join("")}`;
}
