// The engine's actions as statements of a plan: what each is about, when it may run, what it costs.

import { encodeId, type FactBase, type StableId } from '@supabase/pg-delta';
import type { Action, Plan } from '@supabase/pg-delta/plan';
import { formatName, quoteIdentifier } from '../model/identifier.ts';
import type {
  SchemaObject,
  SchemaObjectKind,
  SchemaPhase,
  SchemaStatement,
} from '../model/schema-change.ts';
import { isWidening } from '../model/type-widening.ts';

type About = Pick<SchemaStatement, 'object' | 'part'>;

const locks: Readonly<Record<Action['lockClass'], string | null>> = {
  none: null,
  share: 'SHARE',
  shareRowExclusive: 'SHARE ROW EXCLUSIVE',
  shareUpdateExclusive: 'SHARE UPDATE EXCLUSIVE',
  accessExclusive: 'ACCESS EXCLUSIVE',
};

const qualified = (kind: SchemaObjectKind, schema: string, name: string): SchemaObject => ({
  kind,
  name: formatName({ schema, name }),
});

/** Which object a definition belongs to. @throws Error for a kind that is never carried. */
const aboutOf = (id: StableId, verb: Action['verb'], bases: readonly FactBase[]): About => {
  switch (id.kind) {
    case 'schema':
    case 'extension':
      return { object: { kind: id.kind, name: quoteIdentifier(id.name) }, part: null };
    case 'sequence':
      return {
        object: qualified('sequence', id.schema, id.name),
        part: verb === 'alter' ? 'settings' : null,
      };
    case 'table':
    case 'function':
      return { object: qualified(id.kind, id.schema, id.name), part: null };
    case 'aggregate':
      return { object: qualified('function', id.schema, id.name), part: null };
    case 'type':
    case 'domain':
    case 'collation':
      return { object: qualified('type', id.schema, id.name), part: null };
    case 'typeAttribute':
      return { object: qualified('type', id.schema, id.type), part: `attribute ${id.name}` };
    case 'column':
    case 'default':
      return { object: qualified('table', id.schema, id.table), part: `column ${id.name}` };
    case 'constraint':
      return { object: qualified('table', id.schema, id.table), part: `constraint ${id.name}` };
    case 'index':
      return { object: tableOfIndex(id, bases), part: `index ${id.name}` };
    default:
      throw new Error(`the engine made a statement about ${encodeId(id)}`);
  }
};

/** Indexes are named within a schema: their table is where they belong. */
const tableOfIndex = (
  id: StableId & { readonly schema: string; readonly name: string },
  bases: readonly FactBase[],
): SchemaObject => {
  const table = bases
    .flatMap((base) => base.get(id)?.parent ?? [])
    .find(({ kind }) => kind === 'table');
  return table?.kind === 'table'
    ? qualified('table', table.schema, table.name)
    : qualified('table', id.schema, id.name);
};

const subjectOf = ({ produces, destroys, consumes }: Action): StableId => {
  const [subject] = [...produces, ...destroys, ...consumes];
  if (subject === undefined) throw new Error('the engine made a statement about nothing');
  return subject;
};

/** What takes something away waits until all that was sent before has been applied. */
const phaseOf = (action: Action, made: ReadonlySet<string>): SchemaPhase => {
  const replaced = action.destroys.some((id) => made.has(encodeId(id)));
  if (replaced) return 'before';
  const tightens = action.sql.endsWith(' SET NOT NULL');
  return action.verb === 'drop' || action.dataLoss === 'destructive' || tightens
    ? 'after'
    : 'before';
};

/** An index made ON ONLY a partitioned table would never be valid: its partitions have none to attach. */
const onPartitions = ({ sql, produces }: Action): string =>
  produces.some(({ kind }) => kind === 'index') ? sql.replace(' ON ONLY ', ' ON ') : sql;

/** The engine writes every generated column as a stored one. */
const asVirtual = (statement: string, action: Action, { wanted, virtual }: Sides): string =>
  action.produces
    .filter((id) => virtual.has(encodeId(id)))
    .reduce((text, id) => {
      const { type, generatedExpr } = wanted.get(id)?.payload ?? {};
      if (id.kind !== 'column') return text;
      const clause = `"${id.name.replaceAll('"', '""')}" ${String(type)} GENERATED ALWAYS AS (${String(generatedExpr)})`;
      return text.replace(`${clause} STORED`, () => `${clause} VIRTUAL`);
    }, statement);

/** The new type of a column may not hold every value of the old one. */
const narrows = (action: Action, { current, wanted }: Sides): boolean => {
  const subject = subjectOf(action);
  if (subject.kind !== 'column' || !/ ALTER COLUMN .* TYPE /s.test(action.sql)) return false;
  const [before, after] = [current, wanted].map((base) => String(base.get(subject)?.payload.type));
  return before !== undefined && after !== undefined && !isWidening(before, after);
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
      sql: asVirtual(onPartitions(action), action, sides),
      verb: action.verb,
      phase: phaseOf(action, made),
      lock: locks[action.lockClass],
      inUse: exists,
      losesData: action.dataLoss === 'destructive' || (exists && narrows(action, sides)),
      rewrites: exists && action.rewriteRisk,
    };
  });
};
