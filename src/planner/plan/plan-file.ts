// The plan as a file: canonical JSON with snake_case keys, and back. A file is trusted only as far as its
// id holds; what it says is planned again and compared before anything runs.

import canonicalize from 'canonicalize';
import type { ReadOnly, SnakeKeys } from '../../model/document-types.ts';
import { SteepError } from '../../model/errors.ts';
import { toCamelKeys, toSnakeKeys } from '../../model/key-case.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import { type Plan, planFormatVersion } from '../../model/plan/plan.ts';
import type { PlanFile } from '../../model/plan/plan-document.generated.ts';
import { printableJson } from '../../model/printable.ts';
import { fingerprint } from './plan-id.ts';

/** As schemas/plan.schema.json has it: what only one of the two knows does not compile. */
type PlanDocument = ReadOnly<PlanFile>;

const toDocument = (plan: Plan): PlanDocument => toSnakeKeys(plan);

const toPlan = (document: SnakeKeys<Plan>): Plan => toCamelKeys(document) as Plan;

/** Hazards that come and go with what others do at the moment: open transactions, lag. */
const transient: ReadonlySet<unknown> = new Set(['SLOT_CREATE_WAITS', 'WAL_RETENTION']);

const isTransient = (item: unknown): boolean =>
  typeof item === 'object' && item !== null && 'code' in item && transient.has(item.code);

const withoutTransient = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    return value.filter((item) => !isTransient(item)).map(withoutTransient);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withoutTransient(inner)]),
  );
};

/** Everything but what moves by itself, what follows from the rest, the tool's version, and the id. */
const documentId = (document: PlanDocument): string => {
  const {
    plan_id: _id,
    steep_version: _version,
    observed: _seen,
    summary: _sum,
    ...hashed
  } = document;
  return fingerprint(withoutTransient(hashed));
};

/** The plan with its id, which covers what the file form says. */
export const withPlanId = (plan: Plan): Plan => ({ ...plan, planId: documentId(toDocument(plan)) });

/** The text of a plan file; ends with a newline. What does not print is written as an escape of JSON. */
export const renderPlanFile = (plan: Plan): string =>
  `${printableJson(canonicalize(toDocument(plan)) ?? '')}\n`;

const unreadable = (file: string, why: string, cause?: unknown): SteepError =>
  new SteepError('PLAN_UNREADABLE', `${file} is not a plan file: ${why}.`, {
    exit: ExitCode.invalidFile,
    suggestions: ['Make one with: steep plan --out FILE'],
    cause,
  });

/** Of the type that its id, once it is checked, proves: steep has written it. */
const parseDocument = (text: string, file: string): PlanDocument => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unreadable(file, 'it is not JSON', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw unreadable(file, 'it is not a JSON object');
  }
  return value as PlanDocument;
};

const major = (version: string): number => Number(version.split('.')[0]);

const checkFormat = (document: PlanDocument, file: string): void => {
  const version: unknown = document.format_version;
  if (typeof version !== 'string') throw unreadable(file, 'it has no format_version');
  if (!(major(version) <= major(planFormatVersion))) {
    throw new SteepError(
      'PLAN_TOO_NEW',
      `${file} has format ${version}; this version of steep reads up to ${planFormatVersion}.`,
      {
        exit: ExitCode.invalidFile,
        suggestions: ['Use a newer version of steep, or plan again with this one.'],
      },
    );
  }
};

/**
 * Reads a plan file.
 * @throws SteepError PLAN_UNREADABLE, PLAN_TOO_NEW, or PLAN_TAMPERED when its id does not fit (exit 65).
 */
export const parsePlanFile = (text: string, file: string): Plan => {
  const document = parseDocument(text, file);
  checkFormat(document, file);
  if (document.plan_id !== documentId(document)) {
    throw new SteepError(
      'PLAN_TAMPERED',
      `${file} was changed after it was made: its plan_id does not match.`,
      {
        exit: ExitCode.invalidFile,
        suggestions: ['Plan again: steep plan --out FILE'],
      },
    );
  }
  return toPlan(document);
};
