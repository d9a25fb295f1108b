// Tables that could not send UPDATE and DELETE, and the writes of the application that would fail for it.

import { formatName } from '../../model/identifier.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { PublicationSpec } from '../../model/state/resource.ts';
import { effectiveTables, type TableIndex } from '../complete/published-tables.ts';
import { isKind } from '../context/context.ts';
import { identityFaults } from '../facts/identity-fault.ts';
import { type DoctorCheck, type DoctorContext, observation } from './context.ts';

/** What sends UPDATE or DELETE: published now, or as soon as the file is applied. */
const changing = (node: NodeFacts, context: DoctorContext): readonly PublicationSpec[] =>
  [...node.state.resources, ...context.resources]
    .filter(isKind('publication'))
    .filter((publication) => publication.node === node.state.node)
    .map(({ spec }) => spec)
    .filter(({ publish }) => publish.includes('update') || publish.includes('delete'));

export const identityCheck: DoctorCheck = (node, context) => {
  const specs = changing(node, context);
  const tables: TableIndex = context.tables.get(node.state.node) ?? new Map();
  const needed = effectiveTables(specs, tables);
  if (needed.length === 0) return [];
  const identities = context.resources
    .filter(isKind('identity'))
    .filter((identity) => identity.node === node.state.node);
  const desired = (name: string) => identities.find((identity) => identity.name === name)?.spec;
  const { features } = node.state.server;
  const faults = new Map(
    specs
      .flatMap((spec) => identityFaults(spec, { tables, features, desired }))
      .map((fault) => [formatName(fault.table.name), fault] as const),
  );
  if (faults.size === 0) {
    const message = `All published tables (${needed.length}) can send UPDATE and DELETE.`;
    return [observation('replica_identity', 'ok', message)];
  }
  return [...faults].map(([name, { why, cure }]) =>
    observation(
      'replica_identity',
      'error',
      `${name} is published, and UPDATE and DELETE of it fail, for the application too: ${why}.`,
      cure === null
        ? [
            'Add a primary key; or, which writes whole old rows to the WAL:',
            `ALTER TABLE ${name} REPLICA IDENTITY FULL;`,
          ]
        : [cure],
    ),
  );
};
