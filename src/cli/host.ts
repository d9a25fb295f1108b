// The world of a real process, for the workflows.

import { hostname, userInfo } from 'node:os';

/** What the workflows take as their host; `version` is the package's. */
export const processHost = (version: string) => ({
  steepVersion: version,
  environment: process.env,
  user: userInfo().username,
  hostname: hostname(),
  now: () => new Date(),
  clock: () => performance.now(),
});
