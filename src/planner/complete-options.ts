// The options of a subscription as its server will hold them: what the file says over PostgreSQL's defaults.

import { addressOf } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { ServerFacts } from '../model/server.ts';
import type { DesiredSubscription } from '../model/state.ts';

/** Major that brought an option, where it is not in every supported one. */
const introducedIn: Readonly<Record<string, string>> = {
  two_phase: '15',
  disable_on_error: '15',
  password_required: '16',
  run_as_owner: '16',
  origin: '16',
  failover: '17',
};

const unsupported = (
  sub: DesiredSubscription,
  server: ServerFacts,
  detail: string,
): Diagnostic => ({
  severity: 'error',
  code: 'OPTION_NOT_SUPPORTED',
  summary: 'A subscription option does not exist on this server',
  detail: `Node ${sub.node} runs PostgreSQL ${server.version}. ${detail}`,
  address: addressOf(sub.node, 'subscription', sub.name),
});

export interface CompletedOptions {
  readonly options: Readonly<Record<string, string>>;
  readonly errors: readonly Diagnostic[];
}

/** Every option that the server knows, and an error for each that it does not. */
export const completeOptions = (
  sub: DesiredSubscription,
  server: ServerFacts,
): CompletedOptions => {
  const known = server.features.subscriptionOptions;
  const options = Object.fromEntries(
    known.map((fact) => [fact.name, sub.options[fact.name] ?? fact.default]),
  );
  const errors = Object.keys(sub.options)
    .filter((name) => !known.some((fact) => fact.name === name))
    .map((name) =>
      unsupported(
        sub,
        server,
        `The option ${name} came with PostgreSQL ${introducedIn[name] ?? 'a later release'}: remove it from subscription ${sub.name}, or upgrade the node.`,
      ),
    );
  if (sub.options['streaming'] === 'parallel' && !server.features.originFilter) {
    errors.push(
      unsupported(sub, server, 'streaming: parallel came with PostgreSQL 16: use on or off.'),
    );
  }
  return { options, errors };
};
