// Grants as a script for psql: comments say why, passwords are variables, nothing in it is a secret.

import { printable, printableLines } from '../../model/printable.ts';
import type { Grant, GrantReport, GrantScript } from '../../model/report/doctor.ts';
import { scriptSettings } from '../../model/script-settings.ts';

/** The scripts of all nodes, one after the other: each is for a server of its own. */
export const renderGrants = (report: GrantReport): string =>
  report.nodes
    .flatMap((script, index) => [...(index === 0 ? [] : ['']), ...lines(script)])
    .join('\n');

const lines = (script: GrantScript): readonly string[] =>
  script.readable
    ? [
        comment(`Node ${script.name}: PostgreSQL ${script.version}.`),
        comment(`Run this as a superuser in its database ${script.database}.`),
        ...scriptSettings('SET'),
        ...script.grants.flatMap(grantLines),
      ]
    : [comment(`Node ${script.name} could not be read: see steep doctor.`)];

const grantLines = ({ why, sql, instead }: Grant): readonly string[] => [
  '',
  ...why.map(comment),
  ...sql.map(printable),
  ...instead.map((line) => comment(`instead: ${line}`)),
];

const comment = (text: string): string => `-- ${printableLines(text).replaceAll('\n', '\n-- ')}`;
