// What tests of drift of tables share: worlds on the newest server, and findings in short.

import type { DriftReport } from '../../../src/model/report/drift.ts';
import { cluster, type TestDatabase } from '../servers/cluster.ts';
import { newestMajor } from '../servers/majors.ts';
import { createDriftWorld, type DriftWorld, type More } from './drift-world.ts';

/** Address, code and fields of each finding. */
export const brief = ({ findings }: DriftReport) =>
  findings.map(({ address, code, details }) => [
    address.replace('table.public.', ''),
    code,
    details.map(({ field }) => field),
  ]);

export const nothing = { outcome: 'none', findings: [], unchecked: [] };
export const schema = ['schema'] as const;

export const newest = async (parts = {}, more?: More): Promise<DriftWorld> => {
  const server = await cluster.server(newestMajor);
  return createDriftWorld(server, server, parts, more);
};

export const same = (ddl: string): More => ({ primary: ddl, reporting: ddl });

export const publishing = (tables: readonly unknown[], rest = {}) => ({
  publications: { sales: { node: 'primary', tables, ...rest } },
});

export const both = (world: DriftWorld): readonly TestDatabase[] => [
  world.primary,
  world.reporting,
];

/** Leaves no slot behind for other tests. */
export const close = (world: DriftWorld): Promise<void> => world.reporting.dropSubscriptions();
