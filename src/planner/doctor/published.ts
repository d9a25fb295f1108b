// Tables that could not send UPDATE and DELETE, and the writes of the application that would fail for it.

import { formatName } from '../../model/identifier.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import { effectiveTables } from '../complete/published-tables.ts';
import { isKind } from '../context/context.ts';
import { type DoctorCheck, type DoctorContext, observation } from './context.ts';

/** Tables that send UPDATE or DELETE: published now, or as soon as the file is applied. */
const identityNeeded = (node: NodeFacts, context: DoctorContext): ReadonlySet<string> => {
  const specs = [...node.state.resources, ...context.resources]
    .filter(isKind('publication'))
    .filter((publication) => publication.node === node.state.node)
    .map(({ spec }) => spec)
    .filter(({ publish }) => publish.includes('update') || publish.includes('delete'));
  const own = context.tables.get(node.state.node) ?? new Map();
  return new Set(effectiveTables(specs, own).map(({ table }) => formatName(table)));
};

/** The file gives it an identity of its own, which does not need a key. */
const getsIdentity = (node: NodeFacts, name: string, context: DoctorContext): boolean =>
  context.resources
    .filter(isKind('identity'))
    .some(
      (identity) =>
        identity.node === node.state.node &&
        identity.name === name &&
        identity.spec.mode !== 'default',
    );

export const identityCheck: DoctorCheck = (node, context) => {
  const needed = identityNeeded(node, context);
  if (needed.size === 0) return [];
  const bare = node.state.tables
    .filter((table) => table.identityColumns === null)
    .map((table) => formatName(table.name))
    .filter((name) => needed.has(name) && !getsIdentity(node, name, context));
  if (bare.length === 0) {
    const message = `All published tables (${needed.size}) can send UPDATE and DELETE.`;
    return [observation('replica_identity', 'ok', message)];
  }
  return bare.map((name) =>
    observation(
      'replica_identity',
      'error',
      `${name} is published and has no replica identity: UPDATE and DELETE of it fail, for the application too.`,
      [
        'Add a primary key; or, which writes whole old rows to the WAL:',
        `ALTER TABLE ${name} REPLICA IDENTITY FULL;`,
      ],
    ),
  );
};
