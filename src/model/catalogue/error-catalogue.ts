// Every error and diagnostic code that is not a hazard, by its stable code.

import { commandErrors } from './errors/command.ts';
import { connectionErrors } from './errors/connections.ts';
import { copyErrors } from './errors/copies.ts';
import { driftErrors } from './errors/drift.ts';
import { edgeErrors } from './errors/edges.ts';
import { fileErrors } from './errors/file.ts';
import { fileConnectionErrors } from './errors/file-connections.ts';
import { importErrors } from './errors/imports.ts';
import { includeErrors } from './errors/includes.ts';
import { manualInitErrors } from './errors/manual-init.ts';
import { mergeErrors } from './errors/merges.ts';
import { planErrors } from './errors/plans.ts';
import { queueErrors } from './errors/queue.ts';
import { runErrors } from './errors/runs.ts';
import { sandboxErrors } from './errors/sandbox.ts';
import { schemaErrors } from './errors/schemas.ts';
import { serverErrors } from './errors/servers.ts';
import { snapshotCommandErrors } from './errors/snapshot-commands.ts';
import { snapshotErrors } from './errors/snapshots.ts';
import { storageErrors } from './errors/storage.ts';
import { topologyErrors } from './errors/topology.ts';
import { verifyErrors } from './errors/verify.ts';
import type { ErrorExplanation } from './explanation.ts';

export const errorCatalogue = {
  ...fileErrors,
  ...includeErrors,
  ...importErrors,
  ...fileConnectionErrors,
  ...topologyErrors,
  ...verifyErrors,
  ...mergeErrors,
  ...connectionErrors,
  ...serverErrors,
  ...planErrors,
  ...runErrors,
  ...queueErrors,
  ...copyErrors,
  ...manualInitErrors,
  ...driftErrors,
  ...edgeErrors,
  ...schemaErrors,
  ...snapshotErrors,
  ...storageErrors,
  ...snapshotCommandErrors,
  ...sandboxErrors,
  ...commandErrors,
} satisfies Readonly<Record<string, ErrorExplanation>>;
