// Checks a document against schemas/steep.schema.json. All faults at once, each once.

import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { findNotSupported } from '../validate/not-supported.ts';
import { pathOf, schemaFault } from './schema-faults.ts';
import type { Path, SourceDocument } from './source-document.ts';
import { validate as generated } from './steep-check.generated.ts';
import type { SteepFile } from './steep-file.generated.ts';

export interface SchemaValidation {
  /** Null: the document does not fit the schema. */
  readonly file: SteepFile | null;
  readonly diagnostics: readonly Diagnostic[];
}

const validate = generated as ValidateFunction<SteepFile>;

/** A document's shape: keys, types, values that are named in the schema. */
export const validateSchema = (document: SourceDocument): SchemaValidation => {
  const refused = findNotSupported(document);
  const { value } = document;
  const fits = validate(value);
  if (fits && refused.length === 0) return { file: value, diagnostics: [] };
  const isRefused = (path: Path): boolean =>
    refused.some(({ covers }) => `${keyOf(path)}/`.startsWith(`${keyOf(covers)}/`));
  const faults = withoutBranches(validate.errors ?? [])
    .filter((error) => !isRefused(pathOf(error)))
    .map((error) => schemaFault(document, error));
  return { file: null, diagnostics: [...refused.map(({ diagnostic }) => diagnostic), ...faults] };
};

/**
 * Where one of several shapes is allowed, ajv reports what is wrong with each. Kept is what is wrong inside of the
 * shape that was meant; where none was, only that it is none of them.
 */
const withoutBranches = (errors: readonly ErrorObject[]): readonly ErrorObject[] => {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf');
  const meant = (choice: ErrorObject): boolean =>
    errors.some((error) => error !== choice && isInside(error, choice));
  const dropped = new Set(
    choices.flatMap((choice) => [
      ...errors.filter((error) => isBranch(error, choice)),
      ...(meant(choice) ? [choice] : []),
    ]),
  );
  return errors.filter((error) => !dropped.has(error) && error.propertyName === undefined);
};

const shapeKeywords: readonly string[] = ['type', 'enum'];

/** An error of one shape as a whole: the value is not of its type. */
const isBranch = (error: ErrorObject, choice: ErrorObject): boolean =>
  error.instancePath === choice.instancePath && shapeKeywords.includes(error.keyword);

/** An error of the shape that was meant: the type fits, and something in it does not. */
const isInside = (error: ErrorObject, choice: ErrorObject): boolean =>
  error.instancePath === choice.instancePath
    ? !shapeKeywords.includes(error.keyword)
    : error.instancePath.startsWith(`${choice.instancePath}/`);

const keyOf = (path: Path): string => path.join('/');
