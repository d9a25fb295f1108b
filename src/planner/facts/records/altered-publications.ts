// Settings of publications that ALTER PUBLICATION … SET has changed: what was not to be sent meanwhile never arrives, also once
// they are set back. Every SET writes the row of the publication again, and so do RENAME TO and OWNER TO.

import canonicalize from 'canonicalize';
import type {
  CopiedTableRecord,
  EdgeRecord,
  PublicationRecord,
} from '../../../model/edge/edge-record.ts';
import type { DesiredPublication, NodeState } from '../../../model/state/state.ts';

type Settings = PublicationRecord['settings'];

const settingsOf = ({ publish, viaPartitionRoot, generatedColumns }: Settings): Settings => ({
  publish: publish.toSorted(),
  viaPartitionRoot,
  generatedColumns,
});

const same = (a: unknown, b: unknown): boolean => canonicalize(a) === canonicalize(b);

/** By name. */
export const publicationRecords = (
  names: readonly string[],
  { resources }: NodeState,
): Readonly<Record<string, PublicationRecord>> =>
  Object.fromEntries(
    resources.flatMap((it) => {
      if (it.kind !== 'publication' || !names.includes(it.name)) return [];
      const { oid, xmin: row, owner } = it.observed ?? {};
      if (oid === undefined || row === undefined || owner === undefined) return [];
      return [[it.name, { oid, row, owner, settings: settingsOf(it.spec) }] as const];
    }),
  );

/** What steep.yaml asks for by now counts as noted: others have set it, or an apply that was interrupted. */
export const asWanted = (
  noted: EdgeRecord,
  now: EdgeRecord,
  publications: readonly DesiredPublication[],
): EdgeRecord => {
  const known = publications.flatMap((publication) => {
    const { node, name } = publication;
    const [then, since] = [noted.publications?.[name], now.publications?.[name]];
    if (node !== noted.source || then === undefined || since === undefined) return [];
    const isChanged = !same(then.settings, since.settings);
    return isChanged && same(settingsOf(publication), since.settings)
      ? [[name, since] as const]
      : [];
  });
  return { ...noted, publications: { ...noted.publications, ...Object.fromEntries(known) } };
};

/** With the same settings, another owner explains another row. */
const isAltered = (then: PublicationRecord, since: PublicationRecord): boolean =>
  then.oid === since.oid &&
  then.row !== since.row &&
  (then.owner === since.owner || !same(then.settings, since.settings));

/** The publication that may not have sent all of a table since it was noted; null: none is known. */
export const unsentWhileAltered = (
  { sentBy = {} }: CopiedTableRecord,
  noted: EdgeRecord,
  now: EdgeRecord,
): string | null => {
  const found = Object.keys(sentBy).find((name) => {
    const [then, since] = [noted.publications?.[name], now.publications?.[name]];
    return then !== undefined && since !== undefined && isAltered(then, since);
  });
  return found ?? null;
};
