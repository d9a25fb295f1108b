// Keys of a table that are to be decided by hand, and are not, or whose rows have changed since.

import { SteepError } from '../model/errors.ts';
import { plural } from '../model/listing.ts';
import { ExitCode } from '../model/plan/exit-code.ts';
import type { MergeFault } from '../model/state/merge.ts';
import type { DecidedKey } from './find-differences.ts';

const mostShown = 3;

const kinds = {
  undecided: {
    code: 'MERGE_UNDECIDED',
    words: 'not decided',
    cure: 'Write the file, and decide them: steep merge conflicts PAIR --out FILE',
  },
  stale: {
    code: 'MERGE_DECISION_STALE',
    words: 'decided for rows that have changed since',
    cure: 'Write the file again, and decide these again: steep merge conflicts PAIR --out FILE. To finish a merge that was interrupted: make the two rows the same on both nodes by hand.',
  },
} as const;

export class HandFaults {
  readonly #table: string;
  readonly #columns: readonly string[];
  readonly #found = {
    undecided: { count: 0, examples: [] as string[] },
    stale: { count: 0, examples: [] as string[] },
  };

  /** @param columns of the key. */
  constructor(table: string, columns: readonly string[]) {
    this.#table = table;
    this.#columns = columns;
  }

  add(some: readonly DecidedKey[]): void {
    for (const { fault, key } of some) {
      if (fault === undefined) continue;
      const found = this.#found[fault];
      found.count += 1;
      if (found.examples.length >= mostShown) continue;
      found.examples.push(`(${key.key.map((it) => it ?? 'NULL').join(', ')})`);
    }
  }

  faults(): readonly MergeFault[] {
    return (['stale', 'undecided'] as const).flatMap((kind) => {
      const { count, examples } = this.#found[kind];
      if (count === 0) return [];
      const { code, words } = kinds[kind];
      const rest = count > examples.length ? ', …' : '';
      const message = `${plural(count, 'conflict')} of ${this.#table} ${count === 1 ? 'is' : 'are'} ${words}: (${this.#columns.join(', ')}) = ${examples.join(', ')}${rest}.`;
      return [{ code, message }];
    });
  }

  /** @throws SteepError MERGE_UNDECIDED, MERGE_DECISION_STALE: nothing was changed on either node. */
  refuse(): void {
    const [fault] = this.faults();
    if (fault === undefined) return;
    const { code, message } = fault;
    const { cure } = Object.values(kinds).find((it) => it.code === code) ?? kinds.stale;
    throw new SteepError(code, `${message} Nothing was changed on either node.`, {
      exit: ExitCode.stale,
      suggestions: [cure],
    });
  }
}
