// The options of a subscription as its server will hold them: what the file says over PostgreSQL's defaults.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { addressOf, type NodeName } from '../../model/state/address.ts';
import type { ServerFacts } from '../../model/state/server.ts';
import type { DesiredSubscription, PairEnd } from '../../model/state/state.ts';

/** Major that brought an option, where it is not in every supported one. */
const introducedIn: Readonly<Record<string, string>> = {
  two_phase: '15',
  disable_on_error: '15',
  password_required: '16',
  run_as_owner: '16',
  origin: '16',
  failover: '17',
};

/** Values that mean nothing, or fail, unless the publisher knows the option too. */
const needsPublisher: Readonly<Record<string, string>> = {
  two_phase: 'true',
  origin: 'none',
  failover: 'true',
};

const unsupported = (sub: DesiredSubscription, node: NodeName, detail: string): Diagnostic => ({
  severity: 'error',
  code: 'OPTION_NOT_SUPPORTED',
  summary: 'A subscription option does not exist on this server',
  detail: `Subscription ${sub.name}, node ${node}: ${detail}`,
  address: addressOf(sub.node, 'subscription', sub.name),
});

const knows = (server: ServerFacts, option: string): boolean =>
  server.features.subscriptionOptions.some(({ name }) => name === option);

const tooOld = (option: string, server: ServerFacts): string =>
  `${option} came with PostgreSQL ${introducedIn[option] ?? 'a later release'}, and the node runs ${server.version}. Remove it from the subscription, or upgrade the node.`;

const oneWay =
  'Upgrade the node, or bring the rows to one node only: in place of the pair, a subscription there with init: { method: none }, and after apply steep repair of it with --rows missing,different, which deletes no row (docs/merge.md).';

/** Each node of a pair is a subscriber once: one error for each that is too old. */
const pairTooOld = (
  sub: DesiredSubscription,
  pair: PairEnd,
  subscriber: ServerFacts,
): readonly Diagnostic[] =>
  knows(subscriber, 'origin')
    ? []
    : [
        {
          ...unsupported(sub, sub.node, ''),
          detail: `Pair ${pair.name}: node ${sub.node} runs PostgreSQL ${subscriber.version}. Two-way replication needs origin = none, which came with PostgreSQL 16: before that, changes would loop indefinitely. ${sub.merge === undefined ? 'Upgrade the node, or replicate in one direction.' : oneWay}`,
        },
      ];

const optionErrors = (
  sub: DesiredSubscription,
  subscriber: ServerFacts,
  publisher: ServerFacts,
): readonly Diagnostic[] =>
  Object.entries(sub.options).flatMap(([option, value]) => {
    if (option === 'origin' && sub.pair !== null) return pairTooOld(sub, sub.pair, subscriber);
    if (!knows(subscriber, option)) {
      return [unsupported(sub, sub.node, tooOld(option, subscriber))];
    }
    if (needsPublisher[option] === value && !knows(publisher, option)) {
      return [unsupported(sub, sub.source, tooOld(option, publisher))];
    }
    return [];
  });

export interface CompletedOptions {
  readonly options: Readonly<Record<string, string>>;
  readonly errors: readonly Diagnostic[];
}

/** Every option that the subscriber knows, and an error for each that one of the ends does not. */
export const completeOptions = (
  sub: DesiredSubscription,
  subscriber: ServerFacts,
  publisher: ServerFacts,
): CompletedOptions => {
  const options = Object.fromEntries(
    subscriber.features.subscriptionOptions.map((fact) => [
      fact.name,
      sub.options[fact.name] ?? fact.default,
    ]),
  );
  const errors = [...optionErrors(sub, subscriber, publisher)];
  // streaming itself is older; its value parallel came together with origin.
  if (sub.options.streaming === 'parallel' && !subscriber.features.originFilter) {
    errors.push(
      unsupported(
        sub,
        sub.node,
        `streaming: parallel came with PostgreSQL 16, and the node runs ${subscriber.version}: use on or off.`,
      ),
    );
  }
  return { options, errors };
};
