// What a helper of tests starts is ended after the test that asked for it, also where tests of one file run side by
// side: those that mostly wait, in a `describe.concurrent`.

import { AsyncLocalStorage } from 'node:async_hooks';
import { aroundEach, onTestFinished as ofTheOnlyTest, type TestContext } from 'vitest';

const contexts = new AsyncLocalStorage<TestContext>();

/** Once for each file of tests, before any of them. */
export const tellTestsApart = (): void => {
  aroundEach((runTest, context) => contexts.run(context, runTest));
};

/** As that of vitest, which does not know which one of several running tests calls it. */
export const onTestFinished = (cleanUp: () => Promise<void> | void): void => {
  const context = contexts.getStore();
  if (context === undefined) ofTheOnlyTest(cleanUp);
  else context.onTestFinished(cleanUp);
};
