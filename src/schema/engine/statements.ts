// The engine's actions as statements of a plan: what each is about, when it may run, what it costs.

import { encodeId, type FactBase, type StableId } from '@supabase/pg-delta';
import type { Action, Plan } from '@supabase/pg-delta/plan';
import { formatName } from '../../model/identifier.ts';
import type { SchemaPhase, SchemaStatement } from '../../model/schema/schema-change.ts';
import { isWidening } from '../../model/schema/type-widening.ts';
import { literal } from '../../postgres/sql/sql.ts';
import { keyPhase } from './key-phase.ts';
import { aboutOf } from './objects.ts';

const locks: Readonly<Record<Action['lockClass'], string | null>> = {
  none: null,
  share: 'SHARE',
  shareRowExclusive: 'SHARE ROW EXCLUSIVE',
  shareUpdateExclusive: 'SHARE UPDATE EXCLUSIVE',
  accessExclusive: 'ACCESS EXCLUSIVE',
};

const subjectOf = ({ produces, destroys, consumes }: Action): StableId => {
  const [subject] = [...produces, ...destroys, ...consumes];
  if (subject === undefined) throw new Error('the engine made a statement about nothing');
  return subject;
};

/** Of a constraint of a domain: to drop it takes nothing away, and to add it does. Null: it is about something else. */
const domainOf = (action: Action): StableId | null => {
  const subject = subjectOf(action);
  if (subject.kind !== 'constraint' || !action.sql.startsWith('ALTER DOMAIN ')) return null;
  return { kind: 'domain', schema: subject.schema, name: subject.table };
};

/** What takes something away waits until all that was sent before has been applied. */
const phaseOf = (action: Action, made: ReadonlySet<string>, current: FactBase): SchemaPhase => {
  const replaced = action.destroys.some((id) => made.has(encodeId(id)));
  if (replaced) return 'before';
  const domain = domainOf(action);
  if (domain !== null) return action.verb === 'drop' || !current.has(domain) ? 'before' : 'after';
  const tightens = action.sql.endsWith(' SET NOT NULL');
  return action.verb === 'drop' || action.dataLoss === 'destructive' || tightens
    ? 'after'
    : 'before';
};

/** An index made ON ONLY a partitioned table would never be valid: its partitions have none to attach. */
const onPartitions = ({ sql, produces }: Action): string =>
  produces.some(({ kind }) => kind === 'index') ? sql.replace(' ON ONLY ', ' ON ') : sql;

/** A function that is there already stays as it is: the server refuses to create it again. */
const asNew = (statement: string): string =>
  statement.replace(/^CREATE OR REPLACE FUNCTION /, 'CREATE FUNCTION ').trimEnd();

/** One property of a definition; empty where it has none. */
const textIn = (base: FactBase, id: StableId, key: string): string => {
  const value = base.get(id)?.payload[key];
  return typeof value === 'string' ? value : '';
};

/** The engine writes every generated column as a stored one. */
const asVirtual = (statement: string, action: Action, { wanted, virtual }: Sides): string =>
  action.produces
    .filter((id) => virtual.has(encodeId(id)))
    .reduce((text, id) => {
      if (id.kind !== 'column') return text;
      const name = id.name.replaceAll('"', '""');
      const [type, expression] = ['type', 'generatedExpr'].map((key) => textIn(wanted, id, key));
      const clause = `"${name}" ${type} GENERATED ALWAYS AS (${expression})`;
      return text.replace(`${clause} STORED`, () => `${clause} VIRTUAL`);
    }, statement);

/** The engine leaves out the rules of a collation, by which other values are equal. */
const withRules = (statement: string, { produces }: Action, { wanted }: Sides): string => {
  const [id] = produces;
  const rules = id?.kind === 'collation' ? textIn(wanted, id, 'rules') : '';
  if (rules === '') return statement;
  return `${statement.replace(/\)$/, '')}, RULES = ${literal(rules).display})`;
};

/** The new type of a column may not hold every value of the old one. */
const narrows = (action: Action, { current, wanted }: Sides): boolean => {
  const subject = subjectOf(action);
  if (subject.kind !== 'column' || !/ ALTER COLUMN .* TYPE /s.test(action.sql)) return false;
  return !isWidening(textIn(current, subject, 'type'), textIn(wanted, subject, 'type'));
};

/** A column that is added or dropped. */
const columnOf = (action: Action, { current, wanted }: Sides): Pick<SchemaStatement, 'column'> => {
  const subject = subjectOf(action);
  if (subject.kind !== 'column' || action.verb === 'alter') return {};
  const type = textIn(action.verb === 'drop' ? current : wanted, subject, 'type');
  return { column: { name: subject.name, type } };
};

/** What the subscriber has, what it should have, and which columns of that are virtual. */
export interface Sides {
  readonly current: FactBase;
  readonly wanted: FactBase;
  readonly virtual: ReadonlySet<string>;
}

/** The statements, in the engine's order. */
export const statementsOf = ({ actions }: Plan, sides: Sides): readonly SchemaStatement[] => {
  const { current, wanted } = sides;
  const made = new Set(actions.flatMap(({ produces }) => produces.map(encodeId)));
  const tables = new Set(
    current.facts().flatMap(({ id }) => (id.kind === 'table' ? [formatName(id)] : [])),
  );
  return actions.map((action) => {
    const about = aboutOf(subjectOf(action), action.verb, [wanted, current]);
    const exists = about.object.kind === 'table' && tables.has(about.object.name);
    return {
      ...about,
      sql: asNew(withRules(asVirtual(onPartitions(action), action, sides), action, sides)),
      verb: action.verb,
      phase: keyPhase(action, current, wanted) ?? phaseOf(action, made, current),
      lock: locks[action.lockClass],
      inUse: exists,
      losesData: action.dataLoss === 'destructive' || (exists && narrows(action, sides)),
      rewrites: exists && action.rewriteRisk,
      ...(exists && columnOf(action, sides)),
    };
  });
};
