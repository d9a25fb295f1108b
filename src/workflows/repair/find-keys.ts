// Which keys are repaired: those that a comparison of all rows confirms, or those of a report.

import { formatName } from '../../model/identifier.ts';
import type { VerifiedEdge, VerifiedRow } from '../../model/report/verification.ts';
import { readText } from '../files.ts';
import { readWanted } from '../plan/wanted-tables.ts';
import { assertTablesSent } from '../verify/assert-tables-sent.ts';
import { verifyEdge } from '../verify/verify-edge.ts';
import type { VerificationOptions } from '../verify/verify-options.ts';
import type { RepairRequest, RepairScene } from './repair-request.ts';
import { type FoundKey, readReportKeys } from './report-keys.ts';

export interface FoundKeys {
  /** In the order in which they were found; at most so many as are held at once. */
  readonly keys: readonly FoundKey[];
  /** There are more. */
  readonly more: boolean;
  /** What the comparison found; null: the keys are those of a report. */
  readonly edge: VerifiedEdge | null;
}

/** About 100 MB. What is beyond is repaired in another pass. */
const mostKeys = 300_000;

/** @throws SteepError USAGE (exit 64) for tables that the subscription does not bring */
export const findKeys = async (
  request: RepairRequest,
  scene: RepairScene,
  options: VerificationOptions,
  address: string,
): Promise<FoundKeys> => {
  const wanted = readWanted({ tables: request.tables, schemas: null }).tables;
  const { project, live, nodes } = scene;
  const world = { desired: project.desired, live, nodes };
  await assertTablesSent([scene.subscription], world, wanted);
  if (request.from !== null) {
    const text = readText(request.from, 'The report', 'Name a report of steep verify.');
    const names = wanted?.map(formatName);
    const keys = readReportKeys(text, request.from, address).filter(
      ({ table, finding }) => isWanted(request, finding) && names?.includes(table) !== false,
    );
    return { keys, more: false, edge: null };
  }
  const keys: FoundKey[] = [];
  let more = false;
  const onRow = (_address: string, table: string, row: VerifiedRow): void => {
    if (!isWanted(request, row.finding)) return;
    if (keys.length < mostKeys) keys.push(toFound(table, row));
    else more = true;
  };
  const edge = await verifyEdge(scene.subscription, world, { ...options, tables: wanted, onRow });
  return { keys, more, edge };
};

const isWanted = ({ findings }: RepairRequest, finding: string): boolean =>
  findings.some((it) => it === finding);

const toFound = (table: string, { finding, rows, key, hash }: VerifiedRow): FoundKey => ({
  table,
  finding,
  rows,
  key,
  hash,
});
