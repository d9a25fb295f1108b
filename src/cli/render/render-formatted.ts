// What `steep fmt` did, or would do: a line for each file that changes, or the differences alone.

import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';

export interface FormattedFileView {
  readonly file: string;
  readonly changed: boolean;
  /** Where differences were asked for. */
  readonly diff?: string;
}

/** Differences are printed alone, so that `patch` can read them: empty where there are none. */
export const renderFormatted = (files: readonly FormattedFileView[], written: boolean): string => {
  const changed = files.filter((file) => file.changed);
  if (files.some(({ diff }) => diff !== undefined)) {
    return changed.map(({ diff }) => diff).join('\n');
  }
  if (changed.length === 0) {
    return `${plural(files.length, 'file')} checked: nothing to format.`;
  }
  const verb = written ? 'Formatted' : 'Would format';
  return changed.map(({ file }) => `${verb} ${printable(file)}.`).join('\n');
};
