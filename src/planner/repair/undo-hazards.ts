// What undoing a merge is warned of.

import { plural } from '../../model/listing.ts';
import type { FoundHazard } from '../../model/plan/hazard.ts';
import type { UndoPlan, UndoTablePlan } from '../../model/report/undo.ts';
import { addressOf } from '../../model/state/address.ts';
import { steepCommand } from '../../model/steep-command.ts';
import { hazard } from '../hazards/hazard.ts';

type Draft = Omit<UndoPlan, 'hazards'>;

export const undoHazards = (plan: Draft): readonly FoundHazard[] =>
  plan.tables.flatMap((table) => [...overwrites(plan, table), ...changed(plan, table)]);

const overwrites = (
  { pair, mergeRun, first, second }: Draft,
  { table, node, restore }: UndoTablePlan,
): readonly FoundHazard[] =>
  restore === 0
    ? []
    : [
        hazard(
          'danger',
          'UNDO_OVERWRITES',
          addressOf(node, 'table', table),
          `${plural(restore, 'row')} of ${table} that node ${node} lost in the merge will be written back, over the ${restore === 1 ? 'row' : 'rows'} that nodes ${first} and ${second} have now. Each of those is kept in steep_repl.merge_audit_log of its node.`,
          `See which rows: ${steepCommand`steep merge audit ${pair} --run ${mergeRun} --tables ${table} --out lost.csv`}`,
        ),
      ];

const changed = (
  { mergeRun }: Draft,
  { table, node, changed: rows }: UndoTablePlan,
): readonly FoundHazard[] =>
  rows === 0
    ? []
    : [
        hazard(
          'warning',
          'UNDO_ROWS_CHANGED',
          addressOf(node, 'table', table),
          `${plural(rows, 'row')} of ${table} that node ${node} lost ${rows === 1 ? 'was' : 'were'} written or deleted since the merge, and will stay as ${rows === 1 ? 'it is' : 'they are'} now.`,
          `The row that was lost: SELECT key, losing FROM steep_repl.merge_audit_log WHERE run_id = '${mergeRun}'; on node ${node}. To have it back, write it there.`,
        ),
      ];
