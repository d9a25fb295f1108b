// Starts the process that owns the test servers; it stops them when it is told to end, or when the process that started
// it is gone.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Keeper {
  /** Where it listens. */
  readonly url: string;
  /** Stops every server, and waits for it. */
  end(): Promise<void>;
}

/** @throws Error when it ends before it listens. */
export async function startKeeper(): Promise<Keeper> {
  const keeper = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('keeper.ts', import.meta.url)),
      process.env.STEEP_TEST_SERVERS ?? 'embedded',
    ],
    // Of its own session, so that Ctrl-C ends the tests first, and the keeper can clean up.
    { detached: true, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(keeper, 'exit');
  const lines = createInterface(keeper.stdout);
  const first = await Promise.race([once(lines, 'line'), exited.then(() => null)]);
  if (first === null) throw new Error('The keeper of test servers did not start.');
  return {
    url: String(first[0]),
    end: async () => {
      keeper.stdin.end();
      await exited;
    },
  };
}
