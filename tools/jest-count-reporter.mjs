// Prints one closing line that counts the tests, whatever ran them.
export default class CountReporter {
  onRunComplete(_contexts, results) {
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    console.log(`Tests: ${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped`);
  }
}
