// Installs or upgrades steep_repl: the migrations in sql/, with their rows in schema_version.

import { runMigrations } from '../../metadata/migrate.ts';
import { migrationsBetween } from '../../metadata/migrations.ts';
import type { InstallMetadata } from '../../model/step/step.ts';
import type { Executor } from '../executor.ts';

export const installMetadataExecutor: Executor<InstallMetadata> = {
  transactional: true,
  reversible: true,
  onMetadata: true,
  sql: () => [],
  note: (step) =>
    migrationsBetween(step.from, step.to).map(({ file, sha256 }) => `run sql/${file} (${sha256})`),
  run: (step, context) =>
    runMigrations(context.metadata(step.node), step.from, step.to, context.steepVersion),
  committed: (step, context) => context.lockMetadata(step.node),
};
