// Where things are in a picture: nothing lies upon anything else.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut, type Place } from '../../../src/cli/graph/layout.ts';

test('nothing lies upon anything else, at up to 20 nodes', () => {
  const node = fc.nat({ max: 19 }).map((index) => `n${index}`);
  const links = fc.array(
    fc.record({ from: node, to: node, width: fc.constant(150), height: fc.constant(50) }),
    {
      maxLength: 40,
    },
  );
  const boxes = Array.from({ length: 20 }, (_, index) => ({
    id: `n${index}`,
    width: 60,
    height: 30,
  }));
  const overlap = (a: Place, b: Place): boolean =>
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height - 0.01 &&
    b.top < a.top + a.height - 0.01;
  fc.assert(
    fc.property(links, (arrows) => {
      const { boxes: placed, labels, lines, width, height } = layOut(boxes, arrows);
      const all = [...placed, ...labels];
      expect(all.filter((a, i) => all.some((b, j) => j > i && overlap(a, b)))).toEqual([]);
      expect(all.filter((a) => a.left < 0 || a.top < 0)).toEqual([]);
      expect(all.filter((a) => a.left + a.width > width || a.top + a.height > height)).toEqual([]);
      for (const points of lines) {
        // Where a line runs straight through a column, it meets no box.
        for (const [index, { x, y }] of points.entries()) {
          const next = points[index + 1];
          if (next === undefined || next.y !== y) continue;
          const left = Math.min(x, next.x) + 0.01;
          const segment = { left, top: y, width: Math.abs(next.x - x) - 0.02, height: 0.02 };
          expect(placed.filter((box) => segment.width > 0 && overlap(box, segment))).toEqual([]);
        }
      }
    }),
    { numRuns: 60 },
  );
});
