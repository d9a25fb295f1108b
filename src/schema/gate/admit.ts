// The one way from a proposed statement to a plan: parsed, known, judged on the server where it is to run, and given the
// role that runs it. What the DDL engine proposes and what a snapshot describes both pass here. See decision 0045.

import {
  formatName,
  isReservedSchema,
  type QualifiedName,
  quoteIdentifier,
} from '../../model/identifier.ts';
import type {
  RefusedStatement,
  SchemaAlignment,
  SchemaObject,
  SchemaProposal,
  SchemaStatement,
} from '../../model/schema/schema-change.ts';
import type { Session } from '../../postgres/session.ts';
import { chooseRole, ownerOf } from './choose-role.ts';
import {
  builtInFunctions,
  codeIn,
  extensionsIn,
  type Judged,
  typesMade,
  userType,
  usesOfDomain,
} from './find-code.ts';
import { statementParts, type Uses } from './find-uses.ts';
import { type ParsedAdmission, withFunctionRights } from './function-rights.ts';
import { recognize, type StatementSubject } from './known-statements.ts';
import { columnsWithOwnValues } from './own-values.ts';
import { loadParser, parseStatement } from './parse-statement.ts';
import { readTarget } from './read-target.ts';
import { type Owner, ownerKey, type TargetFacts, type WantedFacts } from './target-facts.ts';
import { tablesWithUsedRows } from './used-rows.ts';

/** @param session of the server on which the statements are to run; only its catalogs are read. */
export const admit = async (
  session: Session,
  { statements, unsupported, refused }: SchemaProposal,
): Promise<SchemaAlignment> => {
  if (statements.length === 0) return { statements: [], unsupported, refused };
  await loadParser();
  const looked = statements.map(lookAt);
  const judged = looked.filter(isJudged);
  const facts = await readFacts(session, judged);
  const results = admitAll(looked, facts);
  return {
    statements: withFunctionRights(results.filter(isAdmitted), facts.role.name),
    unsupported,
    refused: [...refused, ...results.filter(isRefused)],
  };
};

type Candidate = Judged & { readonly statement: SchemaStatement };

const isJudged = (item: Candidate | RefusedStatement): item is Candidate => 'parsed' in item;
const isRefused = (item: ParsedAdmission | RefusedStatement): item is RefusedStatement =>
  'why' in item;
const isAdmitted = (item: ParsedAdmission | RefusedStatement): item is ParsedAdmission =>
  !isRefused(item);

const byHand = 'Run what is needed by hand, after you have read it; then plan again.';

const refuse = (
  { sql, object }: SchemaStatement,
  why: string,
  cure = byHand,
): RefusedStatement => ({
  sql,
  object,
  why,
  cure,
});

const lookAt = (statement: SchemaStatement): Candidate | RefusedStatement => {
  const { sql } = statement;
  const parsed = parseStatement(sql);
  if (typeof parsed === 'string') return refuse(statement, `steep does not run it: ${parsed}.`);
  const known = recognize(parsed);
  if (typeof known === 'string') return refuse(statement, `steep does not run it: ${known}.`);
  const { schema, name } = known.subject.name;
  if (isReservedSchema(schema === '' && known.subject.kind === 'schema' ? name : schema)) {
    return refuse(statement, 'Its schema belongs to PostgreSQL or to steep.');
  }
  return isAbout(known.subject, statement.object)
    ? { statement, sql, parsed, known }
    : refuse(statement, `It concerns another object than ${statement.object.name}.`);
};

/** An index that is dropped does not say of which table it is. */
const isAbout = ({ kind, name }: StatementSubject, object: SchemaObject): boolean => {
  if (kind === 'index') return object.kind === 'table';
  return kind === object.kind && object.name === nameOf(name);
};

const nameOf = ({ schema, name }: QualifiedName): string =>
  schema === '' ? quoteIdentifier(name) : formatName({ schema, name });

const admitAll = (
  looked: readonly (Candidate | RefusedStatement)[],
  facts: TargetFacts,
): readonly (ParsedAdmission | RefusedStatement)[] => {
  const judged = looked.filter(isJudged);
  const types = new Set(judged.flatMap(typesMade));
  const made = { owners: new Map<string, Owner>(), sequences: sequenceTables(judged) };
  return looked.map((item) => {
    if (!isJudged(item)) return item;
    const { statement, parsed, known } = item;
    const code = codeIn(item, facts, types);
    const owner = ownerOf(item, facts, made);
    const choice = chooseRole(item, owner, code, facts);
    if ('why' in choice) return refuse(statement, choice.why, choice.cure);
    const becomes = choice.role === null ? facts.role : owner;
    if (known.verb === 'create' && becomes !== null) {
      made.owners.set(ownerKey(known.subject), becomes);
    }
    const usesRowsOf = tablesWithUsedRows(parsed, known).filter((name) => isThere(name, facts));
    const ownValues = statement.inUse ? columnsWithOwnValues(parsed) : [];
    return { statement: { ...statement, role: choice.role, code, usesRowsOf, ownValues }, parsed };
  });
};

const isThere = (name: QualifiedName, { owners }: TargetFacts): boolean =>
  (['table', 'type'] as const).some((kind) => owners.has(ownerKey({ kind, name })));

/** Sequences that are given to a table, which must have the same owner. */
const sequenceTables = (judged: readonly Judged[]): ReadonlyMap<string, QualifiedName> =>
  new Map(
    judged.flatMap(({ known: { subject, tables } }) =>
      subject.kind === 'sequence' ? tables.map((table) => [formatName(subject.name), table]) : [],
    ),
  );

/** In two steps: what the domains that are there call is known only when they have been read. */
const readFacts = async (session: Session, judged: readonly Judged[]): Promise<TargetFacts> => {
  const uses = judged.flatMap(({ sql, parsed }) =>
    statementParts(sql, parsed).map((part) => part.uses),
  );
  const wanted = wantedBy(judged, uses);
  const facts = await readTarget(session, wanted);
  const inDomains = [...facts.types.values()].flatMap(({ expressions }) =>
    expressions.flatMap((expression) => usesOfDomain(expression) ?? []),
  );
  if (inDomains.length === 0) return facts;
  const functions = [...wanted.functions, ...inDomains.flatMap(builtInFunctions)];
  return readTarget(session, { ...wanted, functions });
};

const wantedBy = (judged: readonly Judged[], uses: readonly Uses[]): WantedFacts => {
  const objects = judged.flatMap(({ known: { subject, tables } }): readonly StatementSubject[] => [
    subject,
    ...tables.map((name) => ({ kind: 'table', name }) as const),
  ]);
  return {
    functions: uses.flatMap(builtInFunctions),
    types: uses.flatMap(({ types }) => types.flatMap((name) => userType(name) ?? [])),
    extensions: judged.flatMap(({ parsed }) => extensionsIn(parsed)),
    schemas: objects.map(({ name }) => name.schema).filter((schema) => schema !== ''),
    objects,
  };
};
