// Which parts of a statement are code that other people wrote: functions that it creates, and expressions that are more
// than constants and harmless built-in functions. Pure.

import { formatName, type QualifiedName } from '../../model/identifier.ts';
import type { CarriedCode } from '../../model/schema/schema-change.ts';
import { type Name, type StatementPart, statementParts, type Uses } from './find-uses.ts';
import type { KnownStatement } from './known-statements.ts';
import { type ParsedStatement, parseStatement, textOf } from './parse-statement.ts';
import type { TargetFacts } from './target-facts.ts';

/** Types of users among what statements make or use, by formatName. */
export type TypeNames = ReadonlySet<string>;

export interface Judged {
  readonly sql: string;
  readonly parsed: ParsedStatement;
  readonly known: KnownStatement;
}

/** `made`: the types that the same plan makes, whose own statements are judged by themselves. */
export const codeIn = (
  { sql, parsed, known }: Judged,
  facts: TargetFacts,
  made: TypeNames,
): readonly CarriedCode[] => {
  if (parsed.kind === 'CreateFunctionStmt') return [{ text: sql, why: whyFunction(known) }];
  if (parsed.kind === 'CreateExtensionStmt') {
    const isTrusted = facts.trustedExtensions.has(textOf(parsed.tree, 'extname'));
    return isTrusted ? [] : [{ text: sql, why: 'its script runs with the rights of a superuser' }];
  }
  return statementParts(sql, parsed).flatMap((part) => codeOfPart(part, facts, made));
};

const whyFunction = ({ securityDefiner }: KnownStatement): string =>
  securityDefiner
    ? 'a function that runs with the rights of its owner (SECURITY DEFINER)'
    : 'a function that runs with the rights of its caller';

const codeOfPart = (
  { text, uses }: StatementPart,
  facts: TargetFacts,
  made: TypeNames,
): readonly CarriedCode[] => {
  const reasons = [...new Set([...reasonsOf(uses, facts), ...typeReasons(uses, facts, made)])];
  return reasons.length === 0 ? [] : [{ text, why: reasons.join(', ') }];
};

/** Names without a schema are of pg_catalog: steep's sessions have an empty search_path. */
const builtIn = (name: Name): string | null => {
  if (name.length === 1) return name[0] ?? null;
  return name.length === 2 && name[0] === 'pg_catalog' ? (name[1] ?? null) : null;
};

const written = (name: Name): string => {
  const [schema = '', own, ...rest] = name;
  return own === undefined || rest.length > 0 ? name.join('.') : formatName({ schema, name: own });
};

const reasonsOf = (uses: Uses, { harmless }: TargetFacts): readonly string[] => [
  ...uses.functions
    .filter((name) => !harmless.has(builtIn(name) ?? ''))
    .map((name) => `it calls ${written(name)}()`),
  ...uses.operators
    .filter((name) => builtIn(name) === null)
    .map((name) => `it uses operator ${name.join('.')}`),
  ...uses.conversions
    .filter((name) => builtIn(name) === null)
    .map((name) => `it converts a value to type ${written(name)}`),
  ...uses.others.map((kind) => `it has a ${kind}`),
];

/** What a type that exists already calls runs for each value of the column, or where the type is converted. */
const typeReasons = ({ types }: Uses, facts: TargetFacts, made: TypeNames): readonly string[] =>
  types.flatMap((name) => {
    const own = userType(name);
    const found =
      own === null || made.has(formatName(own)) ? undefined : facts.types.get(formatName(own));
    if (found === undefined) return [];
    const { expressions, functions } = found;
    return [...expressions.filter((expression) => runsCode(expression, facts)), ...functions].map(
      (what) => `its type ${written(name)} has ${what}`,
    );
  });

const runsCode = (expression: string, facts: TargetFacts): boolean => {
  const uses = usesOfDomain(expression);
  return uses === null || reasonsOf(uses, facts).length > 0;
};

/** Of a check or a default of a domain, as TargetType has them. Null: it cannot be parsed. */
export const usesOfDomain = (expression: string): Uses | null => {
  const verb = expression.startsWith('DEFAULT ') ? 'SET' : 'ADD CONSTRAINT c';
  const sql = `ALTER DOMAIN d.d ${verb} ${expression}`;
  const parsed = parseStatement(sql);
  const [part] = typeof parsed === 'string' ? [] : statementParts(sql, parsed);
  return part?.uses ?? null;
};

/** Null: it is of pg_catalog. */
export const userType = (name: Name): QualifiedName | null => {
  const [schema, own] = name;
  if (builtIn(name) !== null || schema === undefined || own === undefined) return null;
  return { schema, name: own };
};

/** Built-in functions by their names; functions of users need no look: they are always code. */
export const builtInFunctions = ({ functions }: Uses): readonly string[] =>
  functions.flatMap((name) => builtIn(name) ?? []);

export const extensionsIn = ({ kind, tree }: ParsedStatement): readonly string[] =>
  kind === 'CreateExtensionStmt' ? [textOf(tree, 'extname')] : [];

/** The type that a statement makes, with the type of its rows where that is a table. */
export const typesMade = ({ known: { subject, verb } }: Judged): readonly string[] =>
  verb === 'create' && (subject.kind === 'type' || subject.kind === 'table')
    ? [formatName(subject.name)]
    : [];
