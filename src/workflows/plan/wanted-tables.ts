// Which tables a schema command is about, as the command line says it.

import { SteepError } from '../../model/errors.ts';
import { ExitCode } from '../../model/plan/exit-code.ts';
import {
  parseIdentifier,
  parseTableName,
  type ReadName,
} from '../../topology/resolve/table-name.ts';
import type { Wanted } from '../schema/compare-schemas.ts';

/** Names as SQL reads them; null: not given. */
export interface WantedText {
  readonly tables: readonly string[] | null;
  readonly schemas: readonly string[] | null;
}

/** @throws SteepError USAGE (exit 64) for a name that SQL would not read. */
export const readWanted = ({ tables, schemas }: WantedText): Wanted => ({
  tables: tables?.map((text) => readName(text, parseTableName)) ?? null,
  schemas: schemas?.map((text) => readName(text, parseIdentifier)) ?? null,
});

const readName = <T>(text: string, parse: (text: string) => ReadName<T>): T => {
  const read = parse(text);
  if (read.ok) return read.value;
  throw new SteepError('USAGE', `${text} is not a valid name. ${read.message}`, {
    exit: ExitCode.usage,
  });
};
