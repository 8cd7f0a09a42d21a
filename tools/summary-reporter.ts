/**
 * Says which file is begun, so that one that never ends is known, and prints `N passed, N failed` alone
 * on a line when the tests are over: for scripts to read.
 */
import type { Reporter, SerializedError, TestModule, TestRunEndReason } from 'vitest/node';

export class SummaryReporter implements Reporter {
  onTestModuleStart(module: TestModule): void {
    if (!process.stdout.isTTY) console.log(` … ${module.relativeModuleId}`);
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    let passed = 0;
    // What goes wrong outside a test (a file that does not load, a stray rejection) fails the run too.
    let failed = unhandled.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') passed++;
        else if (state === 'failed') failed++;
      }
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    // A run that ends before any test (a set-up that fails) has no errors to count.
    if (reason !== 'passed' && failed === 0) failed = 1;
    // After the other reporters: they write their own summary in the same event.
    setImmediate(() => console.log(`\n${passed} passed, ${failed} failed`));
  }
}
