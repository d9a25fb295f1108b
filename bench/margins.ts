// Ratios in what the benchmarks print, and which of them are beyond a margin.

export interface Margin {
  /** The title of the column that `ratio` stands beside: the peer. */
  readonly peer: string;
  readonly most: number;
}

export interface Ratio {
  readonly row: string;
  readonly peer: string;
  readonly value: number;
}

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** Of all Markdown tables in a text; a ratio belongs to the column before it. */
export const ratiosIn = (text: string): readonly Ratio[] => {
  let titles: readonly string[] | null = null;
  const found: Ratio[] = [];
  for (const line of text.split('\n')) {
    const cells = cellsOf(line);
    if (cells.length === 0) titles = null;
    else if (titles === null) titles = cells;
    else {
      const [row = ''] = cells;
      titles.forEach((title, index) => {
        const value = Number(cells[index]);
        const peer = titles?.[index - 1] ?? '';
        if (title === 'ratio' && cells[index] !== '---') found.push({ row, peer, value });
      });
    }
  }
  return found;
};

/** Sentences. A benchmark without the ratio of a margin has not measured it, which is no miss: the peer may be missing. */
export const beyond = (text: string, margins: readonly Margin[]): readonly string[] =>
  ratiosIn(text).flatMap(({ row, peer, value }) => {
    const margin = margins.find((each) => each.peer === peer);
    return margin === undefined || value <= margin.most
      ? []
      : [`${row}: ${value} times ${peer}, and ${margin.most} is the margin.`];
  });
