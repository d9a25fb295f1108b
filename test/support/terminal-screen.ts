// What a terminal shows after all that was written to it: the few control sequences that a screen of lines needs.

const esc = '\u001b';
const tokens = new RegExp(
  `${esc}\\[([?>]?)([\\d;]*)([A-Za-z])|${esc}[^[]|[\\r\\n]|[^${esc}\\r\\n]+`,
  'g',
);
/** The beginning of a sequence. */
const half = new RegExp(`${esc}(\\[[?>]?[\\d;]*)?$`);

export interface TerminalScreen {
  readonly write: (text: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** The lines as they are shown, without spaces at their ends. */
  readonly lines: () => readonly string[];
  /** Texts that did not fit into their line. */
  readonly overflows: readonly string[];
}

class Screen implements TerminalScreen {
  readonly overflows: string[] = [];
  #cells: string[] = [];
  #columns: number;
  #rows: number;
  #row = 0;
  #column = 0;
  #rest = '';

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  readonly lines = (): readonly string[] =>
    Array.from({ length: this.#rows }, (_, row) => (this.#cells[row] ?? '').trimEnd());

  readonly resize = (columns: number, rows: number): void => {
    this.#columns = columns;
    this.#rows = rows;
    this.#cells = this.#cells.slice(0, rows).map((text) => text.slice(0, columns));
    this.#row = Math.min(this.#row, rows - 1);
  };

  readonly write = (text: string): void => {
    const all = this.#rest + text;
    // Half a sequence is completed by the next text.
    const cut = all.search(half);
    this.#rest = cut === -1 ? '' : all.slice(cut);
    for (const match of all.slice(0, cut === -1 ? all.length : cut).matchAll(tokens)) {
      const [whole, prefix, amounts = '', final] = match;
      if (final !== undefined) this.#control(`${prefix}${final}`, amounts.split(';').map(Number));
      else if (whole === '\r') this.#column = 0;
      else if (whole === '\n') this.#nextLine();
      else if (!whole.startsWith('\u001b')) this.#put(whole);
    }
  };

  #nextLine(): void {
    this.#column = 0;
    if (this.#row < this.#rows - 1) this.#row += 1;
    else this.#cells.shift();
  }

  #put(text: string): void {
    const before = (this.#cells[this.#row] ?? '').padEnd(this.#column);
    const after = before.slice(this.#column + text.length);
    const whole = before.slice(0, this.#column) + text + after;
    if (whole.trimEnd().length > this.#columns) this.overflows.push(text);
    this.#cells[this.#row] = whole.slice(0, this.#columns);
    this.#column += text.length;
  }

  #control(name: string, [first = 0, second = 0]: readonly number[]): void {
    const by = Math.max(1, first);
    const moves: Readonly<Record<string, () => void>> = {
      A: () => this.#goTo(this.#row - by, this.#column),
      B: () => this.#goTo(this.#row + by, this.#column),
      C: () => this.#goTo(this.#row, this.#column + by),
      D: () => this.#goTo(this.#row, this.#column - by),
      E: () => this.#goTo(this.#row + by, 0),
      F: () => this.#goTo(this.#row - by, 0),
      G: () => this.#goTo(this.#row, by - 1),
      H: () => this.#goTo(by - 1, Math.max(1, second) - 1),
      K: () => this.#eraseLine(first),
      J: () => this.#eraseScreen(first),
      '?h': () => (first === 1049 ? this.#eraseScreen(2) : undefined),
    };
    moves[name]?.();
  }

  #goTo(row: number, column: number): void {
    this.#row = Math.max(0, Math.min(this.#rows - 1, row));
    this.#column = Math.max(0, column);
  }

  #eraseLine(how: number): void {
    const text = this.#cells[this.#row] ?? '';
    this.#cells[this.#row] = how === 2 ? '' : text.slice(0, this.#column);
  }

  #eraseScreen(how: number): void {
    if (how === 0) {
      this.#eraseLine(0);
      this.#cells = this.#cells.slice(0, this.#row + 1);
    } else this.#cells = [];
  }
}

export const terminalScreen = (columns: number, rows: number): TerminalScreen =>
  new Screen(columns, rows);
