// Fmt: steep.yaml and the files that it includes in their canonical form. No server, no environment.

import { dirname, resolve } from 'node:path';
import { type Diagnostic, hasErrors } from '../model/diagnostic.ts';
import { formatText } from '../topology/format/format.ts';
import { readIncluded } from '../topology/parse/include.ts';
import { replaceText } from './files.ts';
import { topologyFile } from './load.ts';
import type { RuntimeEnvironment } from './runtime-environment.ts';

export interface FormattedFile {
  /** Relative to the folder of steep.yaml. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

export interface FmtResult {
  /** Null: a file cannot be read or parsed, and none was touched. */
  readonly files: readonly FormattedFile[] | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Formats every file; with `write`, replaces those that change. @throws SteepError as readText and replaceText do. */
export const fmt = async (
  path: string,
  write: boolean,
  runtime: RuntimeEnvironment,
): Promise<FmtResult> => {
  const { text, fileName, around } = topologyFile(path, runtime);
  const { files: found, diagnostics } = readIncluded(text, fileName, around);
  if (hasErrors(diagnostics)) return { files: null, diagnostics };
  const files = await Promise.all(
    found.map(async ({ text: before, document: { file } }) => ({
      file,
      before,
      after: await formatText(before),
    })),
  );
  for (const { file, before, after } of write ? files : []) {
    if (before !== after) await replaceText(resolve(dirname(path), file), after);
  }
  return { files, diagnostics };
};
