// What ajv finds, in plain words, at the key or value that is wrong.

import type { ErrorObject } from 'ajv/dist/2020.js';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { didYouMean } from '../validate/did-you-mean.ts';
import { isMapping } from './plain-data.ts';
import { placeName, shapeNames, shownKey, typeName, typeOf } from './plain-words.ts';
import type { Path, SourceDocument } from './source-document.ts';

/** The path that an error is about; for a key that should not be there, or is missing, the key's. */
export const pathOf = (error: ErrorObject): Path => {
  const { additionalProperty, propertyName, missingProperty } = error.params;
  const key: unknown = additionalProperty ?? propertyName ?? missingProperty;
  const parents = error.instancePath.split('/').slice(1).map(unescapePointer);
  return typeof key === 'string' ? [...parents, key] : parents;
};

const unescapePointer = (part: string): string | number => {
  const text = part.replaceAll('~1', '/').replaceAll('~0', '~');
  return /^\d+$/.test(text) ? Number(text) : text;
};

/** One error of ajv as a finding. */
export const schemaFault = (document: SourceDocument, error: ErrorObject): Diagnostic => {
  const describe = descriptions[error.keyword] ?? otherwise;
  return describe(document, error, pathOf(error));
};

type Describe = (document: SourceDocument, error: ErrorObject, path: Path) => Diagnostic;

const unknownKey: Describe = (document, { parentSchema }, path) => {
  const known = isMapping(parentSchema?.properties) ? Object.keys(parentSchema.properties) : [];
  const key = String(path.at(-1));
  return finding(
    'UNKNOWN_KEY',
    `\`${shownKey(key)}\` is not a key of ${placeName(path.slice(0, -1))}.`,
    document.keyAt(path),
    didYouMean(key, known),
  );
};

const missingKey: Describe = (document, { parentSchema }, path) => {
  const key = String(path.at(-1));
  const only = valueOfConstant(parentSchema, key);
  return finding(
    'MISSING_KEY',
    `${placeName(path.slice(0, -1))} needs the key \`${key}\`.`,
    document.keyAt(path.slice(0, -1)),
    only === undefined ? [] : [`Write \`${key}: ${JSON.stringify(only)}\`.`],
  );
};

/** The one value that a key may have; undefined: there are several. */
const valueOfConstant = (schema: unknown, key: string): unknown => {
  const properties = isMapping(schema) ? schema.properties : undefined;
  const property = isMapping(properties) ? properties[key] : undefined;
  return isMapping(property) ? property.const : undefined;
};

const wrongType: Describe = (document, { schema, data }, path) => {
  const expected = (Array.isArray(schema) ? schema : [schema]).map(typeName).join(' or ');
  const quote = schema === 'string' && typeof data !== 'object' ? ['Put it in quotes.'] : [];
  const detail = `${placeName(path)} must be ${expected}, not ${typeName(typeOf(data))}.`;
  return finding('WRONG_TYPE', detail, document.valueAt(path), quote);
};

const noneOfThese: Describe = (document, { schema, data }, path) => {
  const shapes = (schema as readonly unknown[]).flatMap(shapeNames);
  const found = typeof data === 'string' ? 'this text' : typeName(typeOf(data));
  const detail = `${placeName(path)} must be ${shapes.join(' or ')}, not ${found}.`;
  return finding('WRONG_TYPE', detail, document.valueAt(path));
};

const notListed: Describe = (document, { schema, data }, path) => {
  const allowed = [...new Set((schema as readonly unknown[]).map(String))];
  const near = typeof data === 'string' ? didYouMean(data, allowed) : [];
  const detail = `${placeName(path)} must be one of ${allowed.join(', ')}.`;
  return finding('INVALID_VALUE', detail, document.valueAt(path), near.slice(0, 1));
};

const notConstant: Describe = (document, { schema }, path) =>
  finding('INVALID_VALUE', `${placeName(path)} must be ${String(schema)}.`, document.valueAt(path));

const outOfRange: Describe = (document, { parentSchema }, path) => {
  const { minimum, maximum } = parentSchema as { minimum: number; maximum: number };
  const detail = `${placeName(path)} must be between ${minimum} and ${maximum}.`;
  return finding('INVALID_VALUE', detail, document.valueAt(path));
};

const empty: Describe = (document, _, path) =>
  finding('EMPTY_LIST', `${placeName(path)} must not be empty.`, document.valueAt(path));

/** Of lists that have a length of their own; of all others, that they are empty. */
const tooFewOrMany: Describe = (document, error, path) => {
  const { minItems, maxItems } = error.parentSchema as { minItems: number; maxItems?: number };
  if (maxItems === undefined) return empty(document, error, path);
  const count = minItems === maxItems ? String(minItems) : `${minItems} to ${maxItems}`;
  const detail = `${placeName(path)} must have ${count} entries.`;
  return finding('INVALID_VALUE', detail, document.valueAt(path));
};

const badKey: Describe = (document, _, path) => {
  const isNode = path[0] === 'nodes';
  const rule = isNode
    ? 'letters, digits, `_`, `-` and `.`, at most 63, beginning with a letter or digit'
    : 'at least one character';
  const detail = `\`${shownKey(String(path.at(-1)))}\` cannot be a name here: use ${rule}.`;
  return finding('INVALID_NAME', detail, document.keyAt(path));
};

const badText: Describe = (document, _, path) => {
  const rule = path.includes('allow_hazards')
    ? 'the code of a hazard, such as IDENTITY_FULL_COST, or CODE=ADDRESS'
    : 'the name of an environment variable, such as REPLICATION_PASSWORD, not its value';
  return finding('INVALID_VALUE', `${placeName(path)} must be ${rule}.`, document.valueAt(path));
};

const otherwise: Describe = (document, { message }, path) =>
  finding('INVALID_VALUE', `${placeName(path)} ${message}.`, document.valueAt(path));

const descriptions: Readonly<Record<string, Describe>> = {
  additionalProperties: unknownKey,
  required: missingKey,
  type: wrongType,
  anyOf: noneOfThese,
  enum: notListed,
  const: notConstant,
  minimum: outOfRange,
  maximum: outOfRange,
  minItems: tooFewOrMany,
  maxItems: tooFewOrMany,
  minLength: empty,
  minProperties: empty,
  propertyNames: badKey,
  pattern: badText,
};
