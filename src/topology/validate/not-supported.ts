// Parts of the language that this version knows and does not build. Each is refused by name:
// taking something else in its place without an error would surprise on a production server.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { isMapping, property, valueAtPath } from '../parse/plain-data.ts';
import { formatPath, type Path, type SourceDocument } from '../parse/source-document.ts';

export interface NotSupported {
  /** Whatever else is found here, or below, goes with it. */
  readonly covers: Path;
  readonly diagnostic: Diagnostic;
}

interface Setting {
  readonly path: Path;
  readonly values: readonly string[];
  readonly instead: string;
  /** It brings settings of its own, which stand next to it. */
  readonly coversBeside?: true;
}

const manualPair: Setting = {
  path: ['init', 'method'],
  values: ['manual'],
  instead:
    'Use `snapshot` for a pair; or fill its second node by hand while nobody writes, and use `none`.',
};

const loadedPair: Setting = {
  path: ['init', 'method'],
  values: ['two_phase'],
  instead: 'Use `snapshot` for a pair, which checks that its second node is empty.',
  coversBeside: true,
};

/** Values to come below each pair. */
const pairSettings: readonly Setting[] = [manualPair, loadedPair];

/** Finds them, with their paths, so that no other finding repeats them. */
export const findNotSupported = (document: SourceDocument): readonly NotSupported[] => [
  ...blocksOf(document.value, 'pairs').flatMap((block) =>
    refusedSettings(document, block, pairSettings),
  ),
  ...pairsByDefault(document),
];

/** What the defaults say holds for pairs that say nothing themselves. */
const pairsByDefault = (document: SourceDocument): readonly NotSupported[] =>
  blocksOf(document.value, 'pairs').some(
    (block) => valueAtPath(document.value, [...block, 'init', 'method']) === undefined,
  )
    ? refusedSettings(document, ['defaults'], [manualPair, loadedPair])
    : [];

const blocksOf = (file: unknown, section: string): readonly Path[] => {
  const blocks = property(file, section);
  return isMapping(blocks) ? Object.keys(blocks).map((name) => [section, name]) : [];
};

const refusedSettings = (
  document: SourceDocument,
  block: Path,
  known: readonly Setting[],
): readonly NotSupported[] =>
  known.flatMap(({ path, values, instead, coversBeside }) => {
    const fullPath = [...block, ...path];
    const value = valueAtPath(document.value, fullPath);
    if (typeof value !== 'string' || !values.includes(value)) return [];
    const refused = refuse(document, fullPath, `\`${formatPath(fullPath)}: ${value}\``, instead);
    return [coversBeside === true ? { ...refused, covers: fullPath.slice(0, -1) } : refused];
  });

const refuse = (
  document: SourceDocument,
  path: Path,
  what: string,
  instead: string,
): NotSupported => {
  const place = document.valueAt(path);
  const detail = `steep 0.1 does not support ${what} yet (line ${place.line}).`;
  return { covers: path, diagnostic: finding('NOT_SUPPORTED_YET', detail, place, [instead]) };
};
