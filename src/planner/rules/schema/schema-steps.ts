// The DDL of one subscriber as steps: one for each part of each object, in an order in which they can run.

import { formatName, type QualifiedName } from '../../../model/identifier.ts';
import type {
  AdmittedStatement,
  SchemaObject,
  SchemaPhase,
} from '../../../model/schema/schema-change.ts';
import { type Address, addressOf, type NodeName } from '../../../model/state/address.ts';
import type { StepId } from '../../../model/step/step.ts';
import type { PlanContext } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import {
  carriedCode,
  columnsWithoutBackfill,
  hazardsOfSchema,
} from '../../hazards/schema/schema-hazards.ts';
import * as steps from '../steps.ts';

/** Statements that follow each other on one part of one object make one step. */
export interface Group {
  readonly object: SchemaObject;
  readonly part: string | null;
  readonly phase: SchemaPhase;
  /** How often the part came up before. */
  readonly again: number;
  /** The role that they run as; null: steep's own role. */
  readonly role: string | null;
  readonly statements: readonly AdmittedStatement[];
}

const isSame = (group: Group, { object, part }: AdmittedStatement): boolean =>
  group.object.kind === object.kind && group.object.name === object.name && group.part === part;

/** Runs of statements on the same part; a part that comes up again is numbered, so that ids stay unique. */
const groupsOf = (statements: readonly AdmittedStatement[]): readonly Group[] => {
  const groups: Group[] = [];
  for (const statement of inPhases(statements)) {
    const { object, part, role, phase } = statement;
    const last = groups.at(-1);
    if (last?.role === role && last.phase === phase && isSame(last, statement)) {
      groups.splice(-1, 1, { ...last, statements: [...last.statements, statement] });
      continue;
    }
    const again = groups.filter((group) => isSame(group, statement)).length;
    groups.push({ object, part, phase, again, role, statements: [statement] });
  }
  return groups;
};

const phases: readonly SchemaPhase[] = ['before', 'renames', 'after'];

const inPhases = (statements: readonly AdmittedStatement[]): readonly AdmittedStatement[] =>
  phases.flatMap((phase) => statements.filter((statement) => statement.phase === phase));

export const addressIn = (node: NodeName, { kind, name }: SchemaObject): Address =>
  addressOf(node, kind, name);

const stepOf = (
  node: NodeName,
  group: Group,
  after: readonly StepId[],
  context: PlanContext,
): StepDraft => {
  const { object, part, role, statements } = group;
  const address = addressIn(node, object);
  const all = statementsAbout(node, address, context);
  const used = distinctNames(statements.flatMap(({ usesRowsOf }) => usesRowsOf));
  return steps.changeSchema(
    {
      node,
      address,
      why: `${part ?? `${object.kind} ${object.name}`} differs from what is published`,
      afterIfPlanned: after,
      hazards: [
        ...(statements.some(({ code }) => code.length > 0)
          ? carriedCode(node, address, object, all)
          : []),
        ...(statements.some(({ ownValues }) => ownValues.length > 0)
          ? columnsWithoutBackfill(node, object, all, context)
          : []),
        ...hazardsOfSchema(node, address, object, statements, all, context),
      ],
    },
    {
      object,
      part: qualifierOf(group) ?? null,
      statements: statements.map(({ sql }) => sql),
      ...(role === null ? {} : { role }),
      lock: statements.find(({ lock }) => lock !== null)?.lock ?? null,
      losesData: statements.some(({ losesData }) => losesData),
      ...(used.length === 0 ? {} : { usesRowsOf: used }),
    },
  );
};

const distinctNames = (names: readonly QualifiedName[]): readonly QualifiedName[] => [
  ...new Map(names.map((name) => [formatName(name), name])).values(),
];

const statementsAbout = (
  node: NodeName,
  address: Address,
  { live }: PlanContext,
): readonly AdmittedStatement[] =>
  (live.alignments?.[node]?.statements ?? []).filter(
    ({ object }) => addressIn(node, object) === address,
  );

/** What is to do on a node in one phase. */
export const groupsIn = (
  node: NodeName,
  phase: SchemaPhase,
  context: PlanContext,
): readonly Group[] =>
  groupsOf(context.live.alignments?.[node]?.statements ?? []).filter((it) => it.phase === phase);

/** The step after which a node can hold all that is published to it; null: it can already. */
export const lastAddition = (node: NodeName, context: PlanContext): StepId | null => {
  const last =
    groupsIn(node, 'renames', context).at(-1) ?? groupsIn(node, 'before', context).at(-1);
  return last === undefined ? null : idOf(node, last);
};

const idOf = (node: NodeName, group: Group): StepId =>
  steps.changeSchema.id(addressIn(node, group.object), qualifierOf(group));

const qualifierOf = ({ part, again }: Group): string | undefined =>
  [part ?? [], again === 0 ? [] : `again ${again}`].flat().join(' ') || undefined;

/** One after the other: the engine's order is one in which they can run. */
export const chain = (
  node: NodeName,
  groups: readonly Group[],
  first: readonly StepId[],
  context: PlanContext,
): readonly StepDraft[] => {
  const made: StepDraft[] = [];
  for (const group of groups) {
    const after = made.length === 0 ? first : made.slice(-1).map(({ id }) => id);
    made.push(stepOf(node, group, after, context));
  }
  return made;
};
