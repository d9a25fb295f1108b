// Parts of the language that this version knows and does not build. Each is refused by name:
// taking something else in its place without a word would surprise on a production server.

import type { Diagnostic } from '../model/diagnostic.ts';
import { finding } from './findings.ts';
import { isMapping, property, valueAtPath } from './plain-data.ts';
import { formatPath, type Path, type SourceDocument } from './source-document.ts';

export interface NotSupported {
  readonly path: Path;
  readonly diagnostic: Diagnostic;
}

/** Top-level keys to come, and what to do until then. */
const sections: Readonly<Record<string, string>> = {
  pairs: 'Until then use two publications and two subscriptions with `options: { origin: none }`.',
  removed: 'Until then remove the block from the file; the plan shows the drop and asks.',
  renamed: 'Until then rename on the server with ALTER … RENAME TO, and in the file.',
};

/** Values to come, below `defaults` and below each subscription. */
const settings: readonly {
  readonly path: Path;
  readonly values: readonly string[];
  readonly instead: string;
}[] = [
  {
    path: ['schema_sync'],
    values: ['auto', 'manual'],
    instead: 'Until then use `strict`, and create the tables on the subscriber first.',
  },
  {
    path: ['init', 'method'],
    values: ['two_phase', 'manual'],
    instead: 'Until then use `snapshot`, or `none` where the data is there already.',
  },
  { path: ['init', 'copy'], values: ['parallel'], instead: 'Until then use `native`.' },
  {
    path: ['init', 'large_table_method'],
    values: ['pg_dump', 'basebackup'],
    instead: 'Until then use `copy`.',
  },
];

/** Finds them, with their paths, so that no other finding repeats them. */
export const findNotSupported = (document: SourceDocument): readonly NotSupported[] => [
  ...Object.entries(sections)
    .filter(([key]) => property(document.value, key) !== undefined)
    .map(([key, instead]) => refuse(document, [key], `\`${key}\``, instead)),
  ...settingsBlocks(document.value).flatMap((block) => refusedSettings(document, block)),
];

const settingsBlocks = (file: unknown): readonly Path[] => {
  const subscriptions = property(file, 'subscriptions');
  const names = isMapping(subscriptions) ? Object.keys(subscriptions) : [];
  return [['defaults'], ...names.map((name) => ['subscriptions', name])];
};

const refusedSettings = (document: SourceDocument, block: Path): readonly NotSupported[] =>
  settings.flatMap(({ path, values, instead }) => {
    const fullPath = [...block, ...path];
    const value = valueAtPath(document.value, fullPath);
    if (typeof value !== 'string' || !values.includes(value)) return [];
    return [refuse(document, fullPath, `\`${formatPath(fullPath)}: ${value}\``, instead)];
  });

const refuse = (
  document: SourceDocument,
  path: Path,
  what: string,
  instead: string,
): NotSupported => {
  const place = path.length === 1 ? document.keyAt(path) : document.valueAt(path);
  const detail = `steep 0.1 does not build ${what} yet (line ${place.line}).`;
  return { path, diagnostic: finding('NOT_SUPPORTED_YET', detail, place, [instead]) };
};
