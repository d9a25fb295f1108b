// The rules of drift.ignore, in the order of the file: the first that matches gives its reason.

import type { IgnoreRule } from '../../model/report/drift.ts';
import type { Path } from '../parse/source-document.ts';
import type { SteepFile } from '../parse/steep-file.generated.ts';

/** `place`: where a path is in the file, as `steep.yaml:41`. */
export const resolveIgnoreRules = (
  { drift }: SteepFile,
  place: (path: Path) => string,
): readonly IgnoreRule[] =>
  (drift?.ignore ?? []).map(({ address, reason, until }, index) => ({
    address,
    reason,
    until: until ?? null,
    source: place(['drift', 'ignore', index]),
  }));
