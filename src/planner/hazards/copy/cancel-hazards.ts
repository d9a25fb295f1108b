// What it means to cancel an initial copy.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

/** `rows`: whether those that are copied already go too, or stay since they cannot be told apart from others. */
export const cancelHazard = (
  { node, name, address }: Subscription,
  tables: readonly QualifiedName[],
  rows: 'emptied' | 'left',
): FoundHazard => {
  const names = listNames(tables.map(formatName));
  const left =
    tables.length === 0
      ? 'no table is copied yet'
      : `what is copied already stays in ${names}, since PostgreSQL copied it and nothing tells these rows from older ones`;
  const fate =
    rows === 'emptied' ? `the rows that it brought are taken out again (of ${names})` : left;
  return hazard(
    'warning',
    'COPY_CANCELLED',
    address,
    `The first copy of ${name} into node ${node} ends: ${fate}; its subscription and its slot are dropped.`,
    rows === 'emptied' || tables.length === 0
      ? 'Apply again to begin anew.'
      : 'Empty these tables by hand before it is begun anew.',
  );
};

/** Its tables may be empty by now, and nothing would bring their rows back. */
export const cancelBlocked = ({ name, address }: Subscription, tables: readonly string[]) =>
  hazard(
    'block',
    'CANCEL_BLOCKED',
    address,
    `Tables of ${name} are being initialized again (${listNames(tables)}), and their old rows may be gone: to stop in between would leave them empty.`,
    'Let it come to its end: steep apply. To begin the whole subscription anew afterwards: steep init reset NODE --full.',
  );
