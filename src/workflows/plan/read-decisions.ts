// Decisions of a merge that were made by hand, from the file that steep.yaml names.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type HandDecisions, parseHandDecisions } from '../../merge/hand-decisions.ts';
import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import type { DecisionsFile } from '../../model/state/merge.ts';
import { readText } from '../files.ts';
import type { Project } from '../project.ts';

type Folder = Pick<Project, 'folder'>;

interface ReadDecisions {
  /** Null: steep.yaml names none. */
  readonly file: DecisionsFile | null;
  readonly made: HandDecisions;
}

/**
 * A file that is not there yet decides nothing.
 * @throws SteepError MERGE_DECISIONS_INVALID, FILE_UNREADABLE (exit 65).
 */
export const readDecisionsFile = ({ folder = '.' }: Folder, path: string | null): ReadDecisions => {
  if (path === null) return { file: null, made: new Map() };
  const full = resolve(folder, path);
  const cure = 'Name it in init.decisions of the pair.';
  const text = existsSync(full) ? readText(full, 'The file with decisions', cure) : '';
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { file: { path, sha256 }, made: parseHandDecisions(text, path) };
};

/** @throws as readDecisionsFile; SteepError MERGE_DECISION_STALE (exit 4) for another file than that of the plan. */
export const readPlannedDecisions = (
  project: Folder,
  { path, sha256 }: DecisionsFile,
): HandDecisions => {
  const { file, made } = readDecisionsFile(project, path);
  if (file?.sha256 === sha256) return made;
  throw new SteepError(
    'MERGE_DECISION_STALE',
    `The file with decisions, ${path}, was changed after the plan was made. Nothing was changed on either node.`,
    { exit: ExitCode.stale, suggestions: ['Plan again, and agree to what it shows.'] },
  );
};
