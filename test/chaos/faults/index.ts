// Every fault of the harness, by kind.

import type { Fault } from './fault.ts';
import { limitFaults } from './limits.ts';
import { lockFaults } from './locks.ts';
import { maintenanceFaults } from './maintenance.ts';
import { replicationFaults } from './replication.ts';
import { runFaults } from './runs.ts';
import { crashesAfterwards, serverFaults } from './servers.ts';
import { sessionFaults } from './sessions.ts';
import { steepFaults } from './steep.ts';
import { tableFaults } from './tables.ts';

export const faults: readonly Fault[] = [
  ...steepFaults,
  ...sessionFaults,
  ...serverFaults,
  ...tableFaults,
  ...lockFaults,
  ...replicationFaults,
  ...runFaults,
  ...maintenanceFaults,
  ...limitFaults,
  ...crashesAfterwards,
];
