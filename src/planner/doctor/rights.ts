// What the role that applies may not do and this topology needs, with the statements that give it.

import { quoteIdentifier } from '../../model/identifier.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import type { RequiredRight } from '../rights/required-right.ts';
import { type DoctorCheck, type Observation, observation } from './context.ts';
import { cureOf, kindsOf, rightTexts, wellTexts } from './right-texts.ts';
import { passwordChecks } from './subscription-passwords.ts';

/** Those of one check: what is missing, one observation for each kind, or that all is there. */
const judge = (
  check: string,
  rights: readonly RequiredRight[],
  node: NodeFacts,
): readonly Observation[] => {
  const { server } = node.state;
  const found = kindsOf(rights).flatMap((kind) => {
    const missing = rights.filter((right) => right.kind === kind && !right.held);
    const needed = missing.filter((right) => right.needed);
    const status = needed.length > 0 ? 'error' : rightTexts[kind].otherwise;
    const lacking = needed.length > 0 ? needed : missing;
    return lacking.length === 0
      ? []
      : [observation(check, status, rightTexts[kind].lacks(lacking, server), cureOf(lacking))];
  });
  return found.length > 0 ? found : [observation(check, 'ok', wellTexts[check] ?? wellTexts.other)];
};

const connectionStrings = ({ state: { server } }: NodeFacts): Observation => {
  const { name, connectionStrings: readable } = server.role;
  return readable
    ? observation('right.connection_strings', 'ok', wellTexts.other)
    : observation(
        'right.connection_strings',
        'ok',
        `Role ${name} may not read connection strings of subscriptions; a salted hash of what steep wrote is compared instead.`,
        [`GRANT SELECT (subconninfo) ON pg_catalog.pg_subscription TO ${quoteIdentifier(name)};`],
      );
};

const statisticsRight = ({ state: { server } }: NodeFacts): Observation =>
  server.role.statistics
    ? observation('right.statistics', 'ok', 'The role sees the sessions of others.')
    : observation(
        'right.statistics',
        'warning',
        'The role does not see the sessions of others: who blocks a step, which transactions delay a slot, and which slots were left behind stays unknown.',
        [`GRANT pg_read_all_stats TO ${quoteIdentifier(server.role.name)};`],
      );

export const rightChecks: DoctorCheck = (node, context) => {
  const { role } = node.state.server;
  if (role.superuser) {
    return [observation('right', 'ok', `Role ${role.name} is a superuser and has all rights.`)];
  }
  const rights = context.rights.filter((right) => right.node === node.state.node);
  if (!role.exists)
    return judge(
      'right',
      rights.filter(({ kind }) => kind === 'role'),
      node,
    );
  const checked = rights.filter(({ kind }) => kind !== 'role');
  const checks = [...new Set(checked.map((right) => rightTexts[right.kind].check(right)))];
  const found = checks.flatMap((check) =>
    judge(
      check,
      checked.filter((right) => rightTexts[right.kind].check(right) === check),
      node,
    ),
  );
  return [
    ...found,
    ...passwordChecks(node, context),
    connectionStrings(node),
    statisticsRight(node),
  ];
};
