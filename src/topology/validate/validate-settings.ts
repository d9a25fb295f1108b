// Single settings: sizes, names of databases, and settings that nothing looks at.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { formatPath, type Path } from '../parse/source-document.ts';
import type { Init } from '../parse/steep-file.generated.ts';
import { pairsOf } from '../resolve/pairs.ts';
import { resolveSize } from '../resolve/resolve-policy.ts';
import { subscriptionsOf, type Topology, type TopologyCheck } from '../topology.ts';
import { tooLongName } from './name-faults.ts';

/** Settings by themselves, wherever they stand. */
export const validateSettings: TopologyCheck = (topology) => {
  const { document, file } = topology;
  return [
    ...sizeFaults(topology, ['policy', 'copy_confirm_above'], file.policy?.copy_confirm_above),
    ...rateFaults(topology, file.policy?.copy_rate),
    ...sizeFaults(topology, ['policy', 'max_lag'], file.policy?.max_lag),
    ...Object.entries(file.nodes).flatMap(([name, { metadata_database: database }]) => {
      const place = document.valueAt(['nodes', name, 'metadata_database']);
      return database === undefined ? [] : tooLongName('Database', database, place);
    }),
    ...initFaults(topology, ['defaults', 'init'], file.defaults?.init, {
      copy: file.defaults?.init?.copy,
      holds: file.defaults?.init?.hold_tables === true,
      methods: [file.defaults, ...Object.values(file.subscriptions ?? {})].map(
        (block) => block?.init?.large_table_method,
      ),
    }),
    ...subscriptionsOf(file).flatMap(([name, { init }]) => {
      const merged = { ...file.defaults?.init, ...init };
      return initFaults(topology, ['subscriptions', name, 'init'], init, {
        copy: merged.copy,
        holds: merged.hold_tables === true,
        methods: [merged.large_table_method],
      });
    }),
    ...pairsOf(file).flatMap(([name, { init }]) =>
      // What a pair copies must not come back: PostgreSQL's own copy sees to that.
      initFaults(topology, ['pairs', name, 'init'], init, {
        copy: 'native',
        holds: false,
        methods: [],
      }),
    ),
  ];
};

const sizeFaults = (
  { document }: Topology,
  path: Path,
  size: string | number | undefined,
): readonly Diagnostic[] => {
  if (size === undefined || resolveSize(size) !== null) return [];
  const detail = `\`${formatPath(path)}\` is \`${size}\`, which is not a size.`;
  const cure = 'Write a number with B, kB, MB, GB or TB (powers of 1024): 512MB, 10GB.';
  return [finding('INVALID_SIZE', detail, document.valueAt(path), [cure])];
};

/** A rate of nothing would make every copy take indefinitely. */
const rateFaults = (
  topology: Topology,
  rate: string | number | undefined,
): readonly Diagnostic[] => {
  const path = ['policy', 'copy_rate'];
  if (rate === undefined || resolveSize(rate) !== 0) return sizeFaults(topology, path, rate);
  return [
    finding(
      'INVALID_SIZE',
      `\`${formatPath(path)}\` is \`${rate}\`, which is not a possible rate.`,
      topology.document.valueAt(path),
      [
        'Write how many bytes a copy transfers per second: 100MB. Without it, steep measures the rate.',
      ],
    ),
  ];
};

/** What decides whether a setting is looked at. */
interface Way {
  readonly copy: Init['copy'];
  /** The tables are held while they are copied. */
  readonly holds: boolean;
  /** Of large tables; of the defaults, wherever these hold. */
  readonly methods: readonly Init['large_table_method'][];
}

/** Silence would let people believe that a setting is followed which nothing looks at. */
const initFaults = (
  topology: Topology,
  path: Path,
  init: Init | undefined,
  way: Way,
): readonly Diagnostic[] => [
  ...sizeFaults(topology, [...path, 'large_table_threshold'], init?.large_table_threshold),
  ...Object.entries(idleSettings(init, way)).map(([name, why]) =>
    noEffect(topology, [...path, name], why),
  ),
];

const alike = "belongs to steep's own copy; PostgreSQL copies all tables in the same way.";

/** Settings that are given and that nothing looks at, each with the reason. */
const idleSettings = (
  init: Init = {},
  { copy, holds, methods }: Way,
): Readonly<Record<string, string>> => ({
  ...(copy === 'native' ? idleWhereNative(init) : {}),
  ...(copy !== 'native' && holds && init.large_table_method === 'pg_dump'
    ? {
        large_table_method:
          'is `pg_dump`, which is not used with `hold_tables`: it would lock each table again in a later session.',
      }
    : {}),
  ...(copy !== 'native' &&
  init.large_table_threshold !== undefined &&
  methods.every((method = 'copy') => method === 'copy')
    ? {
        large_table_threshold:
          'selects the tables for `large_table_method`, which is `copy`, the method of all tables.',
      }
    : {}),
});

const idleWhereNative = (init: Init): Readonly<Record<string, string>> => ({
  ...(init.parallel_workers === undefined
    ? {}
    : {
        parallel_workers:
          "belongs to steep's own copy; PostgreSQL uses one connection for each table.",
      }),
  ...(init.hold_tables === true ? { hold_tables: alike } : {}),
  ...(init.large_table_threshold === undefined ? {} : { large_table_threshold: alike }),
  ...((init.large_table_method ?? 'copy') === 'copy' ? {} : { large_table_method: alike }),
});

const noEffect = ({ document }: Topology, path: Path, why: string): Diagnostic =>
  finding('NO_EFFECT', `\`${formatPath(path)}\` ${why}`, document.keyAt(path), [
    'Remove it, or leave it for a later version of steep.',
  ]);
