// Every fault of the harness, by kind.

import type { Fault } from './fault.ts';
import { replicationFaults } from './replication.ts';
import { runFaults } from './runs.ts';
import { serverFaults } from './servers.ts';
import { sessionFaults } from './sessions.ts';
import { steepFaults } from './steep.ts';
import { tableFaults } from './tables.ts';

export const faults: readonly Fault[] = [
  ...steepFaults,
  ...sessionFaults,
  ...serverFaults,
  ...tableFaults,
  ...replicationFaults,
  ...runFaults,
];
