// The demo for people: a heading for each act, what it does and why, and what came out.

import { basename } from 'node:path';
import { plural } from '../../model/listing.ts';
import { formatDuration } from '../../model/quantity.ts';
import type {
  DemoNode,
  DemoPlace,
  DemoReport,
  DemoScene,
  DemoTable,
} from '../../model/report/demo.ts';
import { shellWord } from '../../model/shell-word.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { alignColumns } from './layout.ts';
import { renderPlan } from './plan/render-plan.ts';
import { renderRun } from './plan/render-run.ts';
import type { Style } from './style.ts';

type SceneOf<K extends DemoScene['scene']> = Extract<DemoScene, { readonly scene: K }>;

type Renderers = {
  readonly [K in DemoScene['scene']]: (scene: SceneOf<K>, style: Style) => readonly string[];
};

export interface DemoView {
  readonly tell: (scene: DemoScene) => void;
  /** What to say when the demo dies before it has removed its servers. */
  readonly leftBehind: () => string;
}

/** Writes each scene as it comes. `alias`: the line that makes `steep` a command, where it is none. */
export const createDemoView = (
  write: (text: string) => void,
  style: Style,
  alias: string | null,
): DemoView => {
  let directory = '';
  return {
    tell: (scene) => {
      if (scene.scene === 'starting') directory = scene.directory;
      write(renderScene(scene, style));
      if (scene.scene === 'kept') write(playground(scene.place, alias).join('\n'));
    },
    leftBehind: () =>
      `Servers may be left running. Remove them: ${steepCommand`steep sandbox down --dir ${directory}`}`,
  };
};

/** Null where the command line was started as `steep`, so that it is on the PATH. */
export const aliasOf = ({
  argv: [, script = ''],
  execPath,
}: Pick<NodeJS.Process, 'argv' | 'execPath'>): string | null =>
  basename(script) === 'steep'
    ? null
    : `alias steep=${shellWord(`${shellWord(execPath)} ${shellWord(script)}`)}`;

/** One scene as text, without a newline at the end. */
const renderScene = (scene: DemoScene, style: Style): string => {
  // The compiler does not see that the key and the scene belong together.
  const render = renderers[scene.scene] as (scene: DemoScene, style: Style) => readonly string[];
  return render(scene, style).join('\n');
};

/** The last line: what was proven, or that it was not. */
export const renderDemoEnd = (report: DemoReport, style: Style): string => {
  const total = formatDuration(report.timings_ms.total);
  return report.agreed
    ? style.good(`The demo succeeded: every table is ready and equal on all nodes, in ${total}.`)
    : style.bad(`The demo FAILED, after ${total}: see above.`);
};

const heading = (act: number, title: string, style: Style, ...text: readonly string[]) => [
  ...(act === 1 ? [] : ['']),
  style.bold(`== ${act}. ${title}`),
  ...text,
];

const renderers: Renderers = {
  starting: (_scene, style) =>
    heading(
      1,
      'Start throwaway servers',
      style,
      'Real PostgreSQL servers, from binaries in npm packages. Your own servers are not touched.',
    ),
  started: ({ place, ms }) => [...place.nodes.map(nodeLine), `Started in ${formatDuration(ms)}.`],
  filling: ({ nodes: [publisher, ...others] }, style) =>
    heading(
      2,
      'Open a shop',
      style,
      `${publisher?.name ?? ''} gets tables with about a million rows; ${listNames(others)} the same tables without rows,`,
      'as "pg_dump --schema-only" would create them. Nothing is replicated yet.',
    ),
  filled: ({ ms }) => [`Filled in ${formatDuration(ms)}.`],
  written: ({ file, text }, style) => [
    ...heading(3, 'Declare the topology: steep.yaml', style, `Written to ${file}:`, ''),
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => (line === '' ? '' : `  ${line}`)),
  ],
  planning: (_scene, style) =>
    heading(
      4,
      'Review the changes first: steep plan --out shop.plan',
      style,
      'Read-only. Every step, its lock, the copy estimate, and what could go wrong:',
      '',
    ),
  planned: ({ plan }, style) => [renderPlan(plan, style)],
  applying: ({ publisher }, style) =>
    heading(
      5,
      'Apply it: steep apply shop.plan',
      style,
      `Meanwhile the shop is open: transactions insert, update and delete rows on ${publisher}.`,
      '',
    ),
  applied: ({ run, transactions }, style) => [
    renderRun(run, style),
    `Meanwhile ${plural(transactions, 'transaction')} changed rows in all tables.`,
  ],
  comparing: (_scene, style) =>
    heading(
      6,
      'Compare every row',
      style,
      'The shop stops writing, the subscribers read the remaining WAL, and all rows are hashed on every node.',
      '',
    ),
  compared: ({ tables, caughtUp, ms }, style) => [
    ...tableLines(tables, style),
    ...(caughtUp ? [] : [style.bad('A subscriber did NOT catch up in time.')]),
    `Compared in ${formatDuration(ms)}.`,
  ],
  'planning-again': (_scene, style) =>
    heading(
      7,
      'Plan again: steep plan',
      style,
      'The state is in the catalogs: completed changes are not planned again.',
      '',
    ),
  'planned-again': ({ plan }, style) => [renderPlan(plan, style)],
  kept: (_scene, style) => heading(8, 'Your turn', style),
  removed: ({ place }, style) =>
    heading(
      8,
      'The end',
      style,
      `All servers are stopped, and ${place.directory} is removed.`,
      'To keep them, add --keep.',
    ),
};

const nodeLine = ({ name, major, endpoint }: DemoNode): string =>
  `  ${name}  PostgreSQL ${major}  ${endpoint}`;

const listNames = (nodes: readonly DemoNode[]): string =>
  nodes.length === 1
    ? `${nodes[0]?.name ?? ''} gets`
    : `${nodes.map(({ name }) => name).join(', ')} get`;

/** Rows of each table on each node, and whether all of them are the same. */
const tableLines = (tables: readonly DemoTable[], style: Style): readonly string[] => {
  const header = [
    'table',
    ...(tables[0]?.rows.map(({ node }) => `rows on ${node}`) ?? []),
    'initial copy',
    'hashes',
  ];
  const rows = tables.map(({ table, rows: counts, ready, equal }) => [
    table,
    ...counts.map((count, index) => String(count.rows).padStart(header[index + 1]?.length ?? 0)),
    ready ? style.good('ready') : style.bad('NOT READY'),
    equal ? style.good('equal') : style.bad('DIFFERENT'),
  ]);
  return alignColumns([header, ...rows]).map((line) => `  ${line}`);
};

/** Commands to copy, from the directory of the demo. */
const playground = (
  { directory, envFile, nodes }: DemoPlace,
  alias: string | null,
): readonly string[] => {
  const [publisher = '', subscriber = ''] = nodes.map(({ name }) => `$${name.toUpperCase()}_URL`);
  return [
    'The servers keep running. To set their URLs, with the password, in this shell:',
    `  cd ${shellWord(directory)}`,
    `  . ./${envFile}`,
    ...(alias === null ? [] : [`  ${alias}`]),
    'Check replication, and see a row arrive:',
    '  steep status',
    `  psql "${publisher}" -c "UPDATE shop.products SET price = 1 WHERE sku = 'SKU-00001'"`,
    `  psql "${subscriber}" -c "SELECT price FROM shop.products WHERE sku = 'SKU-00001'"`,
    'Remove shop.events from steep.yaml, or add a row filter to a table, and see the plan:',
    '  steep plan',
    '  steep apply',
    'Stop the servers and remove their data:',
    `  ${steepCommand`steep sandbox down --dir ${directory}`}`,
  ];
};
