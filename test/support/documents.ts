// What steep writes, against the schemas that it publishes.

import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const ajv = new Ajv2020({ allErrors: true });
formats.default(ajv);

const compile = (name: string): ValidateFunction =>
  ajv.compile(
    JSON.parse(readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8')),
  );

const validators = { events: compile('events'), plan: compile('plan') };

/** What is wrong with a document, as text; empty: nothing. */
export function faultsOf(schema: keyof typeof validators, document: unknown): string {
  const validate = validators[schema];
  return validate(document) ? '' : JSON.stringify({ faults: validate.errors, document });
}
