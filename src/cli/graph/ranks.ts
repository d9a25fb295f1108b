// From left to right: the column of each node, so that most edges point to the right.

export interface Link {
  readonly from: string;
  readonly to: string;
}

/** The column of each node, from 0. Both ends of a link are in different columns; links may point left. */
export const rankNodes = (
  nodes: readonly string[],
  links: readonly Link[],
): ReadonlyMap<string, number> => {
  const forward = withoutCircles(nodes, links);
  const ranks = new Map<string, number>();
  const rankOf = (node: string): number => {
    const known = ranks.get(node);
    if (known !== undefined) return known;
    const sources = forward.filter(({ to }) => to === node);
    const rank = Math.max(-1, ...sources.map(({ from }) => rankOf(from))) + 1;
    ranks.set(node, rank);
    return rank;
  };
  for (const node of nodes) rankOf(node);
  // A node that only sends stands next to the nearest that receives.
  for (const node of nodes) {
    const targets = forward.filter(({ from }) => from === node).map(({ to }) => rankOf(to));
    const receives = forward.some(({ to }) => to === node);
    if (!receives && targets.length > 0) ranks.set(node, Math.min(...targets) - 1);
  }
  return ranks;
};

/** Every link once, turned where it would close a circle; those of a node with itself left out. */
const withoutCircles = (nodes: readonly string[], links: readonly Link[]): readonly Link[] => {
  const forward: Link[] = [];
  const entered = new Set<string>();
  const left = new Set<string>();
  const visit = (node: string): void => {
    entered.add(node);
    for (const link of links) {
      if (link.from !== node || link.to === node) continue;
      const closes = entered.has(link.to) && !left.has(link.to);
      forward.push(closes ? { from: link.to, to: node } : link);
      if (!entered.has(link.to)) visit(link.to);
    }
    left.add(node);
  };
  const surplus = (node: string): number =>
    links.filter(({ to }) => to === node).length - links.filter(({ from }) => from === node).length;
  // Those that send most come first: a hub stands left of what it feeds.
  for (const node of nodes.toSorted((a, b) => surplus(a) - surplus(b))) {
    if (!entered.has(node)) visit(node);
  }
  return forward;
};
