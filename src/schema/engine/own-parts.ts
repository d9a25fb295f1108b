// What a subscriber keeps of its own in a definition that is published to it.

import type { Fact } from '@supabase/pg-delta';

type Value = Fact['payload'][string] | undefined;

/** What has a collation: the engine would drop it and make it again, with none of its values. */
const collated: ReadonlySet<string> = new Set(['column', 'typeAttribute', 'domain']);

/** The options of an identity column that both have: where two nodes write, they differ on purpose. */
const identityOf = ({ payload }: Fact, own: Fact): Fact['payload'] => {
  const [there, here] = [payload.identity, own.payload.identity];
  if (!isMapping(there) || !isMapping(here)) return {};
  return { identity: { ...here, generation: there.generation ?? null } };
};

const isMapping = (value: Value): value is Extract<Value, { readonly [key: string]: unknown }> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replica identity is a resource of steep's own; a collation changes no value, and stays as it is. */
export const keepingOwn = (fact: Fact, own: Fact | undefined): Fact => {
  if (own !== undefined && collated.has(fact.id.kind)) {
    const collation = own.payload.collation ?? null;
    return { ...fact, payload: { ...fact.payload, collation, ...identityOf(fact, own) } };
  }
  return fact.id.kind !== 'table'
    ? fact
    : {
        ...fact,
        payload: {
          ...fact.payload,
          replicaIdentity: own?.payload.replicaIdentity ?? 'd',
          replicaIdentityIndex: own?.payload.replicaIdentityIndex ?? null,
          reloptions: own?.payload.reloptions ?? fact.payload.reloptions ?? null,
        },
      };
};
