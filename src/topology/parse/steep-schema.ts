// The JSON Schema of steep.yaml, from the file that editors use too.

import { createRequire } from 'node:module';

interface SteepSchema {
  readonly properties: object;
  readonly $defs: {
    readonly connection: {
      readonly anyOf: readonly [text: object, mapping: { readonly properties: object }];
    };
  };
}

// Not an import: the schema lies outside of the folder that is compiled.
export const steepSchema = createRequire(import.meta.url)(
  '../../../schemas/steep.schema.json',
) as SteepSchema;
