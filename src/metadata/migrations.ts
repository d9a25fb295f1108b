// The numbered migrations of steep_repl, as they are shipped in sql/.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Migration {
  readonly version: number;
  /** `0001_core.sql`. */
  readonly file: string;
  readonly text: string;
  /** Of the text: a plan names what it will run. */
  readonly sha256: string;
}

const directory = fileURLToPath(new URL('../../sql/', import.meta.url));
const pattern = /^(\d{4})_[a-z0-9_]+\.sql$/;

const load = (file: string): Migration => {
  const text = readFileSync(`${directory}${file}`, 'utf8');
  const sha256 = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { version: Number(file.slice(0, 4)), file, text, sha256 };
};

/** The migrations that lead from one version to another, in order. */
export const migrationsBetween = (from: number, to: number): readonly Migration[] =>
  readdirSync(directory)
    .filter((file) => pattern.test(file))
    .sort()
    .map(load)
    .filter(({ version }) => version > from && version <= to);
