// How the rows come first: what belongs to one method only, and what it cannot do without.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { formatPath, type Path } from '../parse/source-document.ts';
import type { Init } from '../parse/steep-file.generated.ts';
import { subscriptionsOf, type Topology, type TopologyCheck } from '../topology.ts';

/** The defaults by themselves, and each subscription with what it takes from them. */
export const validateInit: TopologyCheck = (topology) => {
  const { file } = topology;
  const base = file.defaults?.init;
  const subscriptions = subscriptionsOf(file);
  const isUsed = subscriptions.some(([, { init }]) => init?.method === 'two_phase');
  return [
    ...(isUsed ? [] : useless(topology, ['defaults', 'init'], base, base ?? {})),
    ...subscriptions.flatMap(([name, { init }]) => {
      const path = ['subscriptions', name, 'init'];
      const whole = { ...base, ...init };
      return [...missing(topology, path, init, whole), ...useless(topology, path, init, whole)];
    }),
  ];
};

/** Of a subscription that says nothing itself, the defaults are at fault. */
const missing = (
  { document }: Topology,
  path: Path,
  own: Init | undefined,
  whole: Init,
): readonly Diagnostic[] => {
  if (whole.method !== 'two_phase' || whole.snapshot !== undefined) return [];
  const place = own?.method === undefined ? ['defaults', 'init', 'method'] : [...path, 'method'];
  const detail = `\`${formatPath(place)}: two_phase\` needs \`snapshot\`, the location of the files.`;
  const cure =
    'Give a directory, relative to that of the file, or s3://bucket/prefix: `snapshot: snapshots/2026-01-31`.';
  return [finding('MISSING_KEY', detail, document.valueAt(place), [cure])];
};

/** Silence would let people believe that a setting is followed which nothing looks at. */
const useless = (
  topology: Topology,
  path: Path,
  own: Init | undefined,
  { method = 'snapshot', copy }: Init,
): readonly Diagnostic[] => {
  const found = (key: string, why: string): Diagnostic =>
    finding(
      'NO_EFFECT',
      `\`${formatPath([...path, key])}\` ${why}`,
      topology.document.keyAt([...path, key]),
      ['Remove it.'],
    );
  const isLoaded = method === 'two_phase';
  // Of a native copy validate-settings.ts says it.
  const isCopied = method === 'snapshot' || copy === 'native';
  const misplaced: readonly (readonly [keyof Init, boolean, string])[] = [
    ['snapshot', !isLoaded, 'belongs to `method: two_phase`.'],
    ['hold_tables', !isCopied, 'belongs to `method: snapshot`, which reads the source.'],
    ['expect_sha256', !isLoaded, 'belongs to `method: two_phase`.'],
    ['copy', isLoaded, 'chooses how to copy from the source, but two_phase loads files.'],
  ];
  return misplaced
    .filter(([key, isMisplaced]) => isMisplaced && (own?.[key] ?? false) !== false)
    .map(([key, , why]) => found(key, why));
};
