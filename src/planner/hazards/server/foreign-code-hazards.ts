// Code of roles that are not trusted, which would run with the rights of another role: of steep's own where steep copies,
// of the owner of the subscription where PostgreSQL stores rows as that role.

import { listNames } from '../../../model/listing.ts';
import type { FoundHazard } from '../../../model/plan/hazard.ts';
import { type Address, addressOf, type NodeName } from '../../../model/state/address.ts';
import { describeForeignCode } from '../../../model/state/foreign-code.ts';
import type { ResourceOf } from '../../../model/state/resource.ts';
import { isKind, type PlanContext, serverOf, want } from '../../context/context.ts';
import type { StepDraft } from '../../draft.ts';
import { runsAsTableOwner, willBeCreated } from '../../facts/edges.ts';
import { tablesOf } from '../../facts/initial-copy.ts';
import { codeOfRows, codeOfStep, filledSubscription, type NodeCode } from '../../foreign-code.ts';
import { hazard } from '../hazard.ts';

type Subscription = ResourceOf<'subscription'>;

const functionsOf = (code: readonly NodeCode[]): string =>
  listNames([...new Set(code.map(describeForeignCode))]);

const onNode = (node: NodeName, code: readonly NodeCode[], context: PlanContext): string =>
  `on node ${node}, with the rights of role ${serverOf(context, node).role.name}: ${functionsOf(code)}`;

const trust =
  'drop what calls these functions; or give the functions (and what calls a built-in one) to a role that you trust: ALTER … OWNER TO; or let steep connect as a role with fewer rights. If you trust their owners with all that steep may do there, allow the hazard';

const cureOf = (sub: Subscription | undefined, context: PlanContext): string => {
  if (sub === undefined) return `${capital(trust)}.`;
  return runsAsTableOwner(sub, context)
    ? `Let PostgreSQL copy, which runs such code with the rights of the owner of the table: init: { method: snapshot, copy: native }. Or ${trust}.`
    : `Letting PostgreSQL copy does not help here, because it runs such code with the rights of the owner of the subscription (before PostgreSQL 16, or with run_as_owner). ${capital(trust)}.`;
};

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

interface CodeOfTable {
  readonly sub: Subscription | undefined;
  readonly doing: 'copies' | 'alters';
  readonly code: NodeCode[];
}

/** By the address of the copy of each table, or of the table that is altered. */
const codeByCopy = (
  steps: readonly StepDraft[],
  context: PlanContext,
): ReadonlyMap<Address, CodeOfTable> => {
  const found = new Map<Address, CodeOfTable>();
  for (const step of steps) {
    const name = filledSubscription(step);
    for (const code of codeOfStep(step, context)) {
      const address =
        name === null ? step.address : addressOf(step.node, 'copy', `${name}:${code.table}`);
      const sub = name === null ? undefined : want(context, 'subscription', step.node, name);
      const doing = step.kind === 'change-schema' ? 'alters' : 'copies';
      const entry = found.get(address) ?? { sub, doing, code: [] };
      entry.code.push(code);
      found.set(address, entry);
    }
  }
  return found;
};

/** What steep itself would run: a danger for each table. */
const ofSteep = (steps: readonly StepDraft[], context: PlanContext): readonly FoundHazard[] =>
  [...codeByCopy(steps, context)].map(([address, { sub, doing, code }]) => {
    const nodes = Map.groupBy(code, ({ node }) => node);
    const where = [...nodes].map(([node, own]) => onNode(node, own, context)).join('; ');
    return hazard(
      'danger',
      'RUNS_FOREIGN_CODE',
      address,
      `steep would run code of roles that its own role does not trust when it ${doing} ${code[0]?.table ?? ''}: ${where}.`,
      cureOf(sub, context),
    );
  });

/** What workers of PostgreSQL would run as the owner of a subscription that this plan creates. */
const ofSubscription = (sub: Subscription, context: PlanContext): readonly FoundHazard[] => {
  if (!willBeCreated(sub, context) || runsAsTableOwner(sub, context)) return [];
  const code = codeOfRows(sub, tablesOf(sub, context), context);
  if (code.length === 0) return [];
  return [
    hazard(
      'warning',
      'RUNS_FOREIGN_CODE',
      sub.address,
      `Replication of ${sub.name} would run code of other roles ${onNode(sub.node, code, context)}. PostgreSQL stores rows as the owner of the subscription, before version 16 and with run_as_owner.`,
      'Let a role with fewer rights own the subscription (ALTER SUBSCRIPTION … OWNER TO), drop what calls these functions, or give the functions to a role that you trust.',
    ),
  ];
};

/** What the steps of a plan, and the subscriptions that it creates, would run. */
export const foreignCodeHazards = (
  steps: readonly StepDraft[],
  context: PlanContext,
): readonly FoundHazard[] => [
  ...ofSteep(steps, context),
  ...[...context.want.values()]
    .filter(isKind('subscription'))
    .flatMap((sub) => ofSubscription(sub, context)),
];
