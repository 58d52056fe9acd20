// Ends a test run with one plain line, for people and for CI.
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const tail = skipped > 0 ? `, ${skipped} skipped` : "";
    const line = `${results.numPassedTests} passed, ${failed} failed${tail}\n`;
    // After Jest's own summary, which comes when all reporters are done.
    process.once("exit", () => process.stdout.write(line));
  }
}
