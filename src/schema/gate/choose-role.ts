// The role that a statement runs as: what is created belongs to the owner of its table or schema, and what is changed is changed
// by its owner, so that carried code never has the rights of steep's role by itself. Pure.

import { formatName, type QualifiedName, quoteIdentifier } from '../../model/identifier.ts';
import type { CarriedCode } from '../../model/schema/schema-change.ts';
import type { Judged } from './find-code.ts';
import type { StatementSubject } from './known-statements.ts';
import { type Owner, ownerKey, schemaKey, type TargetFacts } from './target-facts.ts';

/** Null: steep's own role. */
export type Choice = { readonly role: string | null } | Refusal;

export interface Refusal {
  readonly why: string;
  readonly cure: string;
}

/** What the plan has created so far, by ownerKey(), and the tables that new sequences are given to, by formatName. */
export interface Made {
  readonly owners: ReadonlyMap<string, Owner>;
  readonly sequences: ReadonlyMap<string, QualifiedName>;
}

/** @param owner of what the statement is about, as ownerOf() finds it. */
export const chooseRole = (
  judged: Judged,
  owner: Owner | null,
  code: readonly CarriedCode[],
  facts: TargetFacts,
): Choice => {
  const choice = become(owner, judged, code, facts);
  if ('why' in choice || !judged.known.securityDefiner) return choice;
  const name = choice.role ?? facts.role.name;
  const isPowerful = choice.role === null || owner?.isSuperuser === true;
  return isPowerful
    ? {
        why: `A function with SECURITY DEFINER would belong to ${name} and run with the rights of that role, whoever calls it.`,
        cure: 'Create the function by hand, as a role with few rights, or drop what uses it on the publisher; then plan again.',
      }
    : choice;
};

/** Whom it belongs to, or will belong to. Null: steep's own role. */
export const ownerOf = ({ known }: Judged, facts: TargetFacts, made: Made): Owner | null => {
  const { subject, verb, tables } = known;
  if (subject.kind === 'extension') return null;
  if (subject.kind === 'schema') return newSchemaOwner(facts);
  const ownerOfThis = (of: StatementSubject): Owner | undefined =>
    made.owners.get(ownerKey(of)) ?? facts.owners.get(ownerKey(of));
  const table = made.sequences.get(formatName(subject.name));
  const related = [...tables, ...(table === undefined ? [] : [table])];
  const [first] = [
    ...(verb === 'create' ? [] : [subject]),
    ...related.map((name): StatementSubject => ({ kind: 'table', name })),
  ].flatMap((of) => ownerOfThis(of) ?? []);
  return first ?? inSchema(subject, facts);
};

/** The owner of the schema, as of a schema that the same plan creates. */
const inSchema = ({ name }: StatementSubject, facts: TargetFacts): Owner =>
  facts.owners.get(schemaKey(name.schema)) ?? newSchemaOwner(facts);

/**
 * The owner of the database, whose tables may need what is in it: by a superuser, and by a role that may become that owner.
 * Any other role owns the schema that it creates.
 */
const newSchemaOwner = ({ role, databaseOwner }: TargetFacts): Owner =>
  role.isSuperuser || (databaseOwner.canBecome && !databaseOwner.isSuperuser)
    ? databaseOwner
    : role;

const become = (
  owner: Owner | null,
  { known }: Judged,
  code: readonly CarriedCode[],
  { role }: TargetFacts,
): Choice => {
  if (owner === null || owner.name === role.name) return { role: null };
  if (!owner.canBecome) return withoutBecoming(owner, role, code);
  if (known.verb === 'create' && !owner.canCreate && known.subject.name.schema !== '') {
    const schema = quoteIdentifier(known.subject.name.schema);
    return {
      why: `${known.subject.kind} ${formatName(known.subject.name)} would belong to ${owner.name}, who may not create anything in schema ${schema}.`,
      cure: `GRANT CREATE ON SCHEMA ${schema} TO ${quoteIdentifier(owner.name)};`,
    };
  }
  // A key or an identity needs CREATE on the schema, which steep's role may have where the owner has it not.
  return { role: owner.canCreate || code.length > 0 ? owner.name : null };
};

/** Without code, what steep's role may do anyway it does itself, and owns what it creates. */
const withoutBecoming = (owner: Owner, role: Owner, code: readonly CarriedCode[]): Choice =>
  code.length === 0
    ? { role: null }
    : {
        why: `It contains code, which may run only as ${owner.name}, but role ${role.name} may not SET ROLE to it.`,
        cure: `GRANT ${quoteIdentifier(owner.name)} TO ${quoteIdentifier(role.name)};`,
      };
