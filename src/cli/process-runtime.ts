// The environment of a real process, for the workflows.

import { hostname, userInfo } from 'node:os';
import type { LogFile } from './event-log.ts';
import { sayOnStderr } from './output.ts';
import { silenceLines } from './progress/silence-lines.ts';

/** A user without an entry in the system's list, as in many containers, has a number only. */
const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
};

/**
 * What the workflows take as their runtime environment; `version` is the package's. Statements go to the log; servers
 * that do not answer to stderr too, whatever the command prints. `interrupt`: aborted when the command is to end.
 */
export const processRuntime = (
  version: string,
  log: LogFile | null,
  interrupt: AbortSignal | null = null,
) => ({
  steepVersion: version,
  environment: process.env,
  user: userName(),
  hostname: hostname(),
  now: () => new Date(),
  clock: () => performance.now(),
  ...(log === null
    ? {}
    : {
        onStatement: (node: string, statement: string) =>
          log.write({
            event: 'session.statement',
            timestamp: new Date().toISOString(),
            level: 'debug',
            node,
            statement,
          }),
      }),
  onSilence: silenceLines((node, message) => {
    sayOnStderr(message);
    const timestamp = new Date().toISOString();
    log?.write({ event: 'session.silent', timestamp, level: 'warn', node, message });
  }),
  ...(interrupt === null ? {} : { interrupt }),
});
