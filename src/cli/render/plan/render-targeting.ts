// A plan of a part says so: what was taken in in addition to what was named, what was left out, who was not asked.

import { plural } from '../../../model/listing.ts';
import type { Plan, Targeting } from '../../../model/plan/plan.ts';
import { printable } from '../../../model/printable.ts';
import { shellWord } from '../../../model/shell-word.ts';
import { alignColumns } from '../layout.ts';
import type { Style } from '../style.ts';

const shown = 20;

/** Empty for a whole plan. */
export const renderTargeting = (plan: Plan, style: Style): readonly string[] => {
  const { targeting, options } = plan;
  if (targeting === undefined || options.change !== undefined) return [];
  const flags = [
    ...(options.target ?? []).map((address) => `--target ${shellWord(address)}`),
    ...(options.exclude ?? []).map((address) => `--exclude ${shellWord(address)}`),
  ];
  return [
    `${style.bold('Incomplete plan')}: only a part was asked for, with ${flags.join(' ')}`,
    ...takenIn(targeting),
    ...barred(targeting),
    ...unread(plan),
  ];
};

const listed = (rows: readonly (readonly string[])[]): readonly string[] => {
  const lines = alignColumns(rows.slice(0, shown)).map((line) => `  ${line}`);
  return rows.length <= shown ? lines : [...lines, `  … and ${rows.length - shown} more`];
};

const takenIn = ({ takenIn: found }: Targeting): readonly string[] =>
  listed(found.map((it) => [`& ${printable(it.address)}`, `needed by ${printable(it.neededBy)}`]));

/** Left out for the sake of what is excluded; what was not asked for is only counted. */
const barred = ({ leftOut }: Targeting): readonly string[] =>
  listed(
    leftOut.flatMap(({ address, needs }) =>
      needs === null ? [] : [[`x ${printable(address)}`, `left out: needs ${printable(needs)}`]],
    ),
  );

const unread = ({ targeting, observed }: Plan): readonly string[] =>
  (targeting?.unread ?? []).map(
    (node) =>
      `  ? node ${printable(node)} was not read, and is not changed: ${printable(observed.unread?.[node] ?? '')}`,
  );

/** Just above the last line, which counts only what is kept. */
export const renderLeftOut = ({ targeting, options }: Plan): readonly string[] => {
  if (targeting === undefined || options.change !== undefined) return [];
  const left = targeting.leftOut.length;
  const counted =
    left === 0
      ? 'nothing was left out'
      : `${plural(left, 'further change')} ${left === 1 ? 'was' : 'were'} left out`;
  const asFarAs = targeting.unread.length === 0 ? '' : ', as far as the nodes could be read';
  return [`Targeted: ${counted}${asFarAs}.`];
};
