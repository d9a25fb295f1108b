// Every error and diagnostic code that is not a hazard, by its stable code.

import { commandErrors } from '../error-catalogue/command.ts';
import { connectionErrors } from '../error-catalogue/connections.ts';
import { copyErrors } from '../error-catalogue/copies.ts';
import { driftErrors } from '../error-catalogue/drift.ts';
import { fileErrors } from '../error-catalogue/file.ts';
import { fileConnectionErrors } from '../error-catalogue/file-connections.ts';
import { importErrors } from '../error-catalogue/imports.ts';
import { includeErrors } from '../error-catalogue/includes.ts';
import { manualInitErrors } from '../error-catalogue/manual-init.ts';
import { planErrors } from '../error-catalogue/plans.ts';
import { runErrors } from '../error-catalogue/runs.ts';
import { sandboxErrors } from '../error-catalogue/sandbox.ts';
import { schemaErrors } from '../error-catalogue/schemas.ts';
import { serverErrors } from '../error-catalogue/servers.ts';
import { snapshotCommandErrors } from '../error-catalogue/snapshot-commands.ts';
import { snapshotErrors } from '../error-catalogue/snapshots.ts';
import { storageErrors } from '../error-catalogue/storage.ts';
import { topologyErrors } from '../error-catalogue/topology.ts';
import type { ErrorExplanation } from './explanation.ts';

export const errorCatalogue = {
  ...fileErrors,
  ...includeErrors,
  ...importErrors,
  ...fileConnectionErrors,
  ...topologyErrors,
  ...connectionErrors,
  ...serverErrors,
  ...planErrors,
  ...runErrors,
  ...copyErrors,
  ...manualInitErrors,
  ...driftErrors,
  ...schemaErrors,
  ...snapshotErrors,
  ...storageErrors,
  ...snapshotCommandErrors,
  ...sandboxErrors,
  ...commandErrors,
} satisfies Readonly<Record<string, ErrorExplanation>>;
