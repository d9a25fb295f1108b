// What a deletion takes away, before anybody agrees to it, and what it left.

import { plural } from '../../../model/listing.ts';
import { printable } from '../../../model/printable.ts';
import { formatSize } from '../../../model/quantity.ts';
import type { Deletion, DeletionReport } from '../../../model/snapshot/snapshot-report.ts';
import type { Style } from '../style.ts';

const foreignShown = 20;

export const renderDeletion = (deletion: Deletion, style: Style): string =>
  [
    style.bold(
      printable(`Snapshot ${deletion.snapshotId ?? 'without a name'} (${deletion.status})`),
    ),
    ...[...fileLines(deletion), ...slotLines(deletion), ...holderLines(deletion)].map(
      ({ goes, text }) => `  ${goes ? style.action.drop('-') : ' '} ${printable(text)}`,
    ),
    ...foreignLines(deletion.foreignFiles),
    '',
  ].join('\n');

interface Line {
  readonly goes: boolean;
  readonly text: string;
}

const fileLines = ({ files, location }: Deletion): readonly Line[] => [
  files === null
    ? {
        goes: false,
        text: `No files: it cannot be verified that files in ${location} belong to this snapshot, so they are kept.`,
      }
    : {
        goes: true,
        text: `${plural(files.count, 'file')}, ${formatSize(files.bytes)}, in ${location}`,
      },
];

const slotLines = ({ slot, keptSlot, lsn }: Deletion): readonly Line[] => {
  if (slot === null) {
    if (keptSlot === null) return [];
    return [{ goes: false, text: `Slot ${keptSlot} is kept, and keeps WAL.` }];
  }
  const { name, node, anchor } = slot;
  if (anchor.state === 'missing') {
    return [{ goes: false, text: `Slot ${name} no longer exists on node ${node}.` }];
  }
  const holds =
    anchor.retainedBytes === null ? '' : `, holds ${formatSize(anchor.retainedBytes)} of WAL`;
  const lost = anchor.state === 'lost' ? ', lost' : '';
  return [
    {
      goes: true,
      text: `slot ${name} on node ${node}, at ${lsn ?? 'a position that was not recorded'}${holds}${lost}: afterwards no subscription can start from this snapshot or from a copy of its files`,
    },
    { goes: false, text: 'Copies of the slot for subscriptions are kept.' },
  ];
};

const holderLines = ({ holder }: Deletion): readonly Line[] =>
  holder === null
    ? []
    : [
        {
          goes: true,
          text: `backend ${holder.pid} (${holder.application}), which still holds its exported snapshot: a run that is writing this snapshot will fail`,
        },
      ];

const foreignLines = (paths: readonly string[]): readonly string[] => {
  if (paths.length === 0) return [];
  const more = paths.length - foreignShown;
  return [
    'Not part of this snapshot, and kept:',
    ...paths.slice(0, foreignShown).map((path) => `  ${printable(path)}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ];
};

export const renderDeleted = ({
  snapshotId,
  location,
  outcome,
  foreignFiles,
}: DeletionReport): string => {
  if (outcome === 'declined') return 'Declined: nothing was changed.';
  const name = snapshotId === null ? 'The snapshot' : `Snapshot ${printable(snapshotId)}`;
  return foreignFiles.length === 0
    ? `${name} is deleted.`
    : `${name} is deleted. ${printable(location)} is kept: it contains ${plural(foreignFiles.length, 'file')} of something else.`;
};
