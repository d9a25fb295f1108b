// What could not be compared, of a plan or of drift.

import type { Unchecked } from '../../../model/state/unchecked.ts';
import { noted, titled } from '../../noted.ts';
import type { Style } from '../style.ts';

export const renderUnchecked = (unchecked: readonly Unchecked[], style: Style): readonly string[] =>
  titled(
    'Not compared',
    unchecked.map(({ address, what, why }) => noted(`${address}  ${what}`, why, style)),
    style,
  );
