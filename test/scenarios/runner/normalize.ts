// Takes out of a plan what differs from run to run, so that the rest can be compared with a golden file.
// Works on values, before they are rendered: columns and cuts stay as they are.

import type { Hazard } from '../../../src/model/plan/hazard.ts';
import type { Plan } from '../../../src/model/plan/plan.ts';
import type { Stage } from './stage.ts';

/** The value with every text, keys included, put through `change`. */
const mapText = <T>(value: T, change: (text: string) => string): T => {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => mapText(item, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [change(key), mapText(item, change)]),
  ) as T;
};

/** Whether the rate of a server's WAL is known depends on its age. */
const keptWal =
  /WAL kept during the copy unknown|keeps up to SIZE of WAL during the copy \(SIZE\/s since DAY\), (cap SIZE|limited by the disk only)/g;

const moving: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9A-F]{1,8}\/[0-9A-F]{1,8}\b/g, 'LSN'],
  [/\b\d+(\.\d+)? (bytes|kB|MB|GB)\b/g, 'SIZE'],
  [/\b(since|measured) \d{4}-\d\d-\d\d\b/g, '$1 DAY'],
  [keptWal, 'WAL kept during the copy'],
  [/\bpid \d+/g, 'pid N'],
  // A comparison that a busy machine takes long for foretells long locks.
  [/, [\d.]+ ?\w+( \d+ ?\w+)? or longer\b/g, ''],
  [/\bfor \d+ s\b/g, 'for N s'],
  [/127\.0\.0\.1:\d+/g, 'HOST:PORT'],
  [/host=127\.0\.0\.1 port=\d+/g, 'host=HOST port=PORT'],
  [/PostgreSQL \d\d\.\d+/g, 'PostgreSQL NN'],
  [/[0-9a-f]{64}/g, 'SHA256'],
  [/\bsteep_(copied|without)_[0-9a-f]{12}/g, 'steep_$1_DIGITS'],
];

/** Named for the second that it was made in; its slot for its place, too. */
const snapshotId = /(?<![0-9a-z])\d{8}_\d{6}_[0-9a-f]{4}(?:_[0-9a-f]{16})?\b/g;

/** The same value as in every other performance: no suffix, databases named for their nodes. */
export const normalizeText = <T>(value: T, { suffix, databases, path }: Stage): T =>
  mapText(value, (text) => {
    let settled = text
      .replaceAll(snapshotId, 'ID')
      .replaceAll(path(''), 'FOLDER')
      .replaceAll(`_${suffix}`, '')
      .replaceAll(suffix, '0');
    for (const [node, { name }] of databases) settled = settled.replaceAll(name, `${node}_db`);
    return settled;
  });

const mapValues = <T>(values: Readonly<Record<string, T>>, change: (value: T) => T) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));

const isWait = ({ code }: Hazard): boolean => code === 'SLOT_CREATE_WAITS';

const withoutWaits = <T extends { readonly hazards: readonly Hazard[] }>(items: readonly T[]) =>
  items.map((item) => ({ ...item, hazards: item.hazards.filter((found) => !isWait(found)) }));

/** Without the open transactions of other tests, which write to the same servers. */
const undisturbed = (plan: Plan): Plan => {
  const { warning } = plan.summary;
  const waits = plan.changes.flatMap(({ hazards }) => hazards.filter(isWait)).length;
  return {
    ...plan,
    changes: withoutWaits(plan.changes),
    steps: withoutWaits(plan.steps),
    summary: { ...plan.summary, warning: warning - waits },
  };
};

/** A plan of which only what the scenario decides is left. */
export const normalizePlan = (plan: Plan, stage: Stage): Plan => {
  const alone = Object.keys(stage.scenario.settings.servers).length > 0;
  const named = normalizeText(alone ? plan : undisturbed(plan), stage);
  const quiet = mapText(named, (text) =>
    moving.reduce((left, [pattern, word]) => left.replaceAll(pattern, word), text),
  );
  const { copies, estimate, slots } = quiet.observed;
  return {
    ...quiet,
    nodes: quiet.nodes.map((node) => ({
      ...node,
      version: node.version && 'NN',
      systemIdentifier: node.systemIdentifier && 'server',
    })),
    observed: {
      ...quiet.observed,
      readAt: 'NOW',
      elapsedMs: 0,
      copies: mapValues(copies, (copy) => ({ ...copy, bytes: copy.bytes && 8192 })),
      estimate: {
        ...estimate,
        bytes: estimate.bytes && 8192,
        // What is unknown is said in a sentence of its own.
        edges: mapValues(estimate.edges, (edge) => ({ ...edge, wal: null })),
      },
      slots: mapValues(slots, (slot) => ({ ...slot, lagBytes: 8192 })),
    },
  };
};
