// What import wrote, for people, and what to do next.

import { plural } from '../../model/listing.ts';
import { printable } from '../../model/printable.ts';
import { steepCommand } from '../../model/steep-command.ts';

export interface ImportSummary {
  readonly file: string;
  readonly nodes: readonly string[];
  readonly publications: readonly string[];
  readonly subscriptions: readonly string[];
  readonly variables: readonly string[];
  readonly leftOut: readonly unknown[];
}

/** A few lines, without a newline at the end. */
export const renderImport = (imported: ImportSummary): string => {
  const { file, nodes, publications, subscriptions, variables, leftOut } = imported;
  const counts = [
    plural(nodes.length, 'node'),
    plural(publications.length, 'publication'),
    plural(subscriptions.length, 'subscription'),
  ];
  const rest =
    leftOut.length === 0
      ? []
      : [
          `${plural(leftOut.length, 'object')} left out: the end of the file lists them, with the reasons.`,
        ];
  return [
    `Wrote ${printable(file)}: ${counts.join(', ')}.`,
    ...rest,
    'Next, with these variables set:',
    `  ${variables.map(printable).join(', ')}`,
    `  ${steepCommand`steep plan --config ${file}`}`,
  ].join('\n');
};
