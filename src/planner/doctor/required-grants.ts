// The grants of the required rights: those of one kind together, each statement once.

import type { Grant } from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import { withoutRepeats } from '../rights/missing.ts';
import type { RequiredRight } from '../rights/required-right.ts';
import type { DoctorContext } from './context.ts';
import { grant, unlessEmpty } from './grant.ts';
import { grantReasons } from './grant-reasons.ts';

/** Of all that the role is to have on the node. */
export const requiredGrants = (node: NodeFacts, context: DoctorContext): readonly Grant[] => {
  const own = context.rights.filter((right) => right.node === node.state.node);
  const all = own.map((right) => asCreated(right, node));
  const rights = withoutRepeats(all);
  return [...new Set(rights.map(({ kind }) => kind))].flatMap((kind) => {
    const why = grantReasons[kind](ofKind(all, kind), node.state);
    return why.length === 0 ? [] : unlessEmpty(grantOf(why, ofKind(rights, kind)));
  });
};

const ofKind = (rights: readonly RequiredRight[], kind: RequiredRight['kind']) =>
  rights.filter((right) => right.kind === kind);

/** steep_repl is made as other things are, where it is not there and belongs into this database. */
const asCreated = (right: RequiredRight, { state }: NodeFacts): RequiredRight => {
  const { database, schema } = state.ownership.metadata;
  return right.kind === 'metadata' && schema === null && database === state.server.database
    ? { ...right, kind: 'create', object: metadataSchema }
    : right;
};

/** To make a role a superuser is never more than a proposal. */
const grantOf = (why: readonly string[], rights: readonly RequiredRight[]): Grant => {
  const sql = rights.filter(({ superuser }) => !superuser).flatMap((right) => right.sql);
  const superuser = rights.filter((right) => right.superuser).flatMap((right) => right.sql);
  const instead = [...rights.flatMap((right) => right.instead), ...superuser];
  return grant(why, [...new Set(sql)], [...new Set(instead)]);
};
