// One thing wrong with a node in full health, and what the doctor should say of it: rows of tests.

import { expect, test } from 'vitest';
import type { DoctorFinding } from '../../../src/model/report/doctor.ts';
import type { HbaRule, NodeFacts, SlotRisk } from '../../../src/model/report/doctor-facts.ts';
import type { OwnershipFacts } from '../../../src/model/state/rights.ts';
import type { ServerFacts } from '../../../src/model/state/server.ts';
import type { Table } from '../../../src/model/state/table.ts';
import { examine } from '../../../src/planner/doctor/examine.ts';
import { doctorWorld, nodeFacts, withSettings } from '../plans/doctor-facts.ts';
import {
  desiredState,
  nodeState,
  select,
  server,
  superuser,
  table,
  wantPublication,
  wantSubscription,
} from '../worlds/worlds.ts';

export const desired = desiredState(['primary', 'reporting'], {
  publications: [wantPublication('primary', 'sales', { tables: [select('orders')] })],
  subscriptions: [wantSubscription('reporting', 'primary', 'sales', { publications: ['sales'] })],
});

const plain = { ...superuser, name: 'steep', superuser: false };

export const primary = nodeFacts(
  nodeState('primary', {
    server: server({ systemIdentifier: '1', role: plain }),
    tables: [table('orders', { owner: 'shop' })],
  }),
);

export const reporting = nodeFacts(
  nodeState('reporting', {
    server: server({ systemIdentifier: '2', role: plain }),
    tables: [table('orders', { owner: 'shop' })],
  }),
);

/** A change of one of the two nodes. */
export type Change = (node: NodeFacts) => NodeFacts;

export const onServer =
  (rest: Partial<ServerFacts>): Change =>
  (node) => {
    const { features: _features, version: _version, ...kept } = node.state.server;
    return { ...node, state: { ...node.state, server: server({ ...kept, ...rest }) } };
  };

export const onRole = (rest: Partial<typeof plain>): Change =>
  onServer({ role: { ...plain, ...rest } });

export const onOwnership =
  (rest: Partial<OwnershipFacts>): Change =>
  (node) => ({
    ...node,
    state: { ...node.state, ownership: { ...node.state.ownership, ...rest } },
  });

export const onReplication =
  (rest: Partial<NodeFacts['replication']>): Change =>
  (node) => ({ ...node, replication: { ...node.replication, ...rest } });

export const onSettings =
  (values: Readonly<Record<string, string | number>>): Change =>
  (node) =>
    withSettings(node, values);

export const slot =
  (rest: Partial<SlotRisk>): Change =>
  (node) => ({
    ...node,
    slots: [
      {
        name: 'sales',
        type: 'logical',
        database: 'app',
        active: true,
        walStatus: 'reserved',
        invalidation: null,
        retainedBytes: 16 * 1024 ** 2,
        failover: false,
        ...rest,
      },
    ],
  });

export const hba =
  (...rules: readonly Partial<HbaRule>[]): Change =>
  (node) => ({
    ...node,
    hba: rules.map((rule, index) => ({
      line: index + 1,
      type: 'host',
      databases: ['all'],
      users: ['all'],
      address: '10.0.0.0',
      method: 'scram-sha-256',
      error: null,
      ...rule,
    })),
  });

/** The only table of the node. */
export const ownTable =
  (rest: Partial<Table>): Change =>
  (node) => ({
    ...node,
    state: {
      ...node.state,
      tables: [table('orders', { owner: 'shop', ownedByRole: false, settable: false, ...rest })],
    },
  });

export type Row = readonly [
  what: string,
  node: 'primary' | 'reporting',
  change: Change,
  check: string,
  status: DoctorFinding['status'],
  said: RegExp,
  cure?: string,
];

/** What the doctor finds about one of these nodes. */
export const findingsOf = (
  name: string,
  ...nodes: readonly NodeFacts[]
): readonly DoctorFinding[] => {
  const { live, facts } = doctorWorld(desired, ...nodes);
  const report = examine({ desired, live, facts, edges: [] });
  return report.nodes.find((node) => node.name === name)?.findings ?? [];
};

/** A test of each row. */
export const testRows = (rows: readonly Row[]): void => {
  for (const [what, node, change, check, status, said, cure] of rows) {
    test(what, () => {
      const [from, to] =
        node === 'primary' ? [change(primary), reporting] : [primary, change(reporting)];
      const found = findingsOf(node, from, to).filter((finding) => finding.check === check);
      const match = found.find((finding) => said.test(finding.message));
      expect(match, JSON.stringify(found)).toMatchObject({ status });
      if (cure !== undefined) expect(match?.cure).toContain(cure);
    });
  }
};
