// The policy of a file, with its defaults.

import { compareText } from '../../model/identifier.ts';
import { parseSize } from '../../model/quantity.ts';
import type { Policy } from '../../model/state/policy.ts';
import type { SteepFile } from '../parse/steep-file.generated.ts';

const defaultCopyConfirmAbove = '100GB';
const defaultMaxLag = '16MB';

/** What is accepted on a day, as CODE or CODE=ADDRESS. */
const accepted = (
  entries: NonNullable<SteepFile['policy']>['allow_hazards'],
  today: string | null,
): readonly string[] =>
  (entries ?? []).flatMap((entry) => {
    if (typeof entry === 'string') return [entry];
    return today === null || (entry.until ?? today) >= today ? [entry.hazard] : [];
  });

/** Sizes in bytes. `today`: YYYY-MM-DD; null: nothing has expired. */
export const resolvePolicy = (
  { policy = {} }: Pick<SteepFile, 'policy'>,
  today: string | null,
): Policy => ({
  copyConfirmAbove: bytes(policy.copy_confirm_above ?? defaultCopyConfirmAbove),
  copyRate: policy.copy_rate === undefined ? null : bytes(policy.copy_rate),
  maxLag: bytes(policy.max_lag ?? defaultMaxLag),
  allowHazards: [...new Set(accepted(policy.allow_hazards, today))].toSorted(compareText),
  ...(policy.strict === true ? { strict: true } : {}),
});

/** A size of the file in bytes; a plain number is bytes. Null: not a size. */
export const resolveSize = (size: string | number): number | null => parseSize(String(size));

/** Of a size that has been validated. */
const bytes = (size: string | number): number => resolveSize(size) ?? 0;
