// The statements that let a role work with steep_repl: to install it, or to use what another role installed.

import { quoteIdentifier } from '../../model/identifier.ts';
import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { MetadataRights } from '../../model/state/rights.ts';

/** To run in the metadata's database. Membership of the owner also allows the next upgrade. */
export const metadataGrants = (
  { database, schema }: MetadataRights,
  role: string,
): readonly string[] => {
  const name = quoteIdentifier(role);
  if (schema === null) return [`GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${name};`];
  if (schema.owner === role) return [];
  if (!schema.ownerSuperuser) return [`GRANT ${quoteIdentifier(schema.owner)} TO ${name};`];
  return [
    `GRANT USAGE ON SCHEMA ${metadataSchema} TO ${name};`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${metadataSchema} TO ${name};`,
    `GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${metadataSchema} TO ${name};`,
  ];
};
