// Colour by role. Renderers ask for a role, never for a colour, and colour is never the only
// carrier of meaning: every role is also a symbol or a word.

import { Chalk, type ChalkInstance } from 'chalk';
import type { Severity } from '../../model/plan/hazard.ts';
import type { ChangeAction } from '../../model/plan/plan.ts';

type Paint = (text: string) => string;

export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly caution: Paint;
  readonly action: Readonly<Record<ChangeAction, Paint>>;
  readonly severity: Readonly<Record<Severity, Paint>>;
}

/** What decides about colour. The environment is given, not read. */
export interface StyleSource {
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The flag --no-color. */
  readonly noColor?: boolean;
}

/** The roles as this chalk paints them. */
const styleOf = (chalk: ChalkInstance): Style => ({
  bold: chalk.bold,
  dim: chalk.dim,
  good: chalk.green,
  bad: chalk.red,
  caution: chalk.yellow,
  action: {
    create: chalk.green,
    change: chalk.yellow,
    replace: chalk.red,
    drop: chalk.red,
    copy: chalk.cyan,
    adopt: chalk.blue,
    forget: chalk.blue,
    left: chalk.dim,
  },
  severity: {
    block: chalk.red.bold,
    danger: chalk.red.bold,
    warning: chalk.yellow,
    notice: chalk.dim,
  },
});

/** The flag goes first, then FORCE_COLOR over NO_COLOR as in Node itself, then the terminal. */
export const createStyle = (source: StyleSource): Style =>
  styleOf(new Chalk({ level: colorLevel(source) }));

/** For files and tests. */
export const plainStyle: Style = styleOf(new Chalk({ level: 0 }));

const colorLevel = ({ isTTY, env, noColor = false }: StyleSource): 0 | 1 | 2 | 3 => {
  if (noColor) return 0;
  const { FORCE_COLOR: force, NO_COLOR: none, TERM: terminal } = env;
  if (force !== undefined) return forcedLevel(force);
  if ((none ?? '') !== '' || !isTTY || terminal === 'dumb') return 0;
  return 1;
};

const forcedLevel = (force: string): 0 | 1 | 2 | 3 => {
  if (force === '0' || force === 'false') return 0;
  if (force === '2') return 2;
  return force === '3' ? 3 : 1;
};
