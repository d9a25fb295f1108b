// What a code means: hazards and errors by their code, and the code that was probably meant.

import { errorCatalogue } from '../model/catalogue/error-catalogue.ts';
import type { ExplainedCode, Explanation } from '../model/catalogue/explanation.ts';
import { hazardCatalogue } from '../model/catalogue/hazard-catalogue.ts';
import { SteepError } from '../model/errors.ts';
import { compareText } from '../model/identifier.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import { steepCommand } from '../model/steep-command.ts';
import { nearest } from '../topology/validate/did-you-mean.ts';

const entriesOf = (
  kind: ExplainedCode['kind'],
  catalogue: Readonly<Record<string, Explanation>>,
): readonly ExplainedCode[] =>
  Object.entries(catalogue).map(([code, explanation]) => ({ code, kind, ...explanation }));

/** Every code there is: hazards first, each kind by name. */
export const allCodes = (): readonly ExplainedCode[] =>
  [entriesOf('hazard', hazardCatalogue), entriesOf('error', errorCatalogue)].flatMap((entries) =>
    entries.toSorted((a, b) => compareText(a.code, b.code)),
  );

/**
 * What one code means, in whatever case it is typed. Some codes are a hazard before a run and an error
 * during it, so there can be two. Throws UNKNOWN_CODE.
 */
export const explain = (code: string): readonly ExplainedCode[] => {
  const wanted = code.toUpperCase().replaceAll('-', '_');
  const found = allCodes().filter((entry) => entry.code === wanted);
  if (found.length === 0) throw unknownCode(code, wanted);
  return found;
};

const unknownCode = (typed: string, wanted: string): SteepError => {
  const near = nearest(
    wanted,
    allCodes().map((entry) => entry.code),
  );
  return new SteepError('UNKNOWN_CODE', `Unknown code ${typed}.`, {
    exit: ExitCode.usage,
    suggestions: [
      ...(near === null ? [] : [`Did you mean ${near}?`, steepCommand`steep explain ${near}`]),
      'steep explain',
    ],
  });
};
