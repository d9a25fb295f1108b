// The flags of the chaos harness.

import { parseArgs } from 'node:util';
import type { Fault } from './faults/fault.ts';
import { faults } from './faults/index.ts';

export interface Options {
  /** What is repeated: plays of their own with all faults, or one thing that is looked for. */
  readonly mode: 'plays' | 'reinit-early-kill';
  readonly pair: readonly [number, number];
  readonly seed: number;
  /** Stops after so many strikes. */
  readonly faults: number;
  /** Stops after this; absent: however long it takes. */
  readonly minutes: number | null;
  /** The first play; those before it are left out. */
  readonly from: number;
  /** One play alone. */
  readonly only: number | null;
  readonly kinds: readonly Fault[];
  /** What follows from a choice of kinds, to play one again. */
  readonly kindFlags: string;
}

const list = (text: string | undefined): readonly string[] =>
  text === undefined ? [] : text.split(',');

/** @throws Error for a kind that there is not, or a number that is none. */
export const readOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mode: { type: 'string', default: 'plays' },
      pair: { type: 'string', default: '18,18' },
      seed: { type: 'string', default: '1' },
      faults: { type: 'string', default: '250' },
      minutes: { type: 'string' },
      from: { type: 'string', default: '1' },
      only: { type: 'string' },
      'only-kinds': { type: 'string' },
      without: { type: 'string' },
    },
  });
  const [first = Number.NaN, second = Number.NaN] = values.pair.split(',').map(number);
  const [wanted, unwanted] = [list(values['only-kinds']), list(values.without)];
  const known = faults.map(({ kind }) => kind);
  const unknown = [...wanted, ...unwanted].filter((kind) => !known.includes(kind));
  if (unknown.length > 0)
    throw new Error(`There is no fault ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
  if (values.mode !== 'plays' && values.mode !== 'reinit-early-kill')
    throw new Error(`There is no mode ${values.mode}. There are: plays, reinit-early-kill.`);
  return {
    mode: values.mode,
    pair: [first, second],
    seed: number(values.seed),
    faults: number(values.faults),
    minutes: values.minutes === undefined ? null : number(values.minutes),
    from: number(values.from),
    only: values.only === undefined ? null : number(values.only),
    kinds: faults.filter(
      ({ kind }) => (wanted.length === 0 || wanted.includes(kind)) && !unwanted.includes(kind),
    ),
    kindFlags: (['only-kinds', 'without'] as const)
      .flatMap((flag) => (values[flag] === undefined ? [] : [` --${flag} ${values[flag]}`]))
      .join(''),
  };
};

const number = (text: string): number => {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`${text} is not a number.`);
  return value;
};
