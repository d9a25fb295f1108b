// YAML as people write it, at random: block and flow, quotes, indentation, comments and blank lines
// at every place that can have them. Each comment is a number of its own.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: steep's own form of variables.

import fc from 'fast-check';

interface Style {
  /** Lines of comment above, blank lines among them as `null`. */
  readonly above: readonly (number | null)[];
  readonly beside: number | null;
}

type Value =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'list';
      readonly items: readonly (readonly [Style, Value])[];
      readonly flow: boolean;
      readonly end: Style;
    }
  | {
      readonly kind: 'map';
      readonly items: readonly (readonly [Style, string, Value])[];
      readonly flow: boolean;
      readonly end: Style;
    };

const comment = fc.integer({ min: 100, max: 999_999 });
const style: fc.Arbitrary<Style> = fc.record({
  above: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(fc.option(comment), { maxLength: 4 }) },
  ),
  beside: fc.option(comment, { freq: 4 }),
});

const texts = [
  'a',
  '"b"',
  "'it''s'",
  '"*"',
  '1',
  '"2"',
  'true',
  '"x: y"',
  'public.orders',
  '""',
  '"two\\nlines"',
  '${X_}',
  "'${Y_}, {'",
  'a b c',
  'ü',
  '"#no"',
  'a#b',
  '-x',
  'z'.repeat(45),
];
/** Where a line of a block is to itself. INDENT: that of the content. */
const blockTexts = [
  '',
  '|BESIDE\nINDENT# no comment\nINDENT  deeper\n\nINDENTlast',
  '>-BESIDE\nINDENTfolded\nINDENTtext',
  '|+BESIDE\nINDENTkept\n',
  '&anchor text',
  '!!str 1',
];
const keys =
  'version include defaults nodes publications subscriptions policy node tables name where columns options init method connection host port a "b" c d-e'.split(
    ' ',
  );

const { value } = fc.letrec<{ value: Value; list: Value; map: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...texts).map((text): Value => ({ kind: 'text', text })),
    fc.constantFrom(...blockTexts).map((text): Value => ({ kind: 'text', text })),
    tie('list'),
    tie('map'),
  ),
  list: fc.record({
    kind: fc.constant('list' as const),
    items: fc.array(fc.tuple(style, tie('value')), { minLength: 1, maxLength: 4 }),
    flow: fc.boolean(),
    end: style,
  }),
  map: mapOf(tie('value'), fc.boolean()),
}));

function mapOf(content: fc.Arbitrary<Value>, flow: fc.Arbitrary<boolean>): fc.Arbitrary<Value> {
  return fc.record({
    kind: fc.constant('map' as const),
    items: fc.uniqueArray(fc.tuple(style, fc.constantFrom(...keys), content), {
      minLength: 1,
      maxLength: 5,
      selector: ([, key]) => key,
    }),
    flow,
    end: style,
  });
}

const above = ({ above: lines }: Style, indent: string): readonly string[] =>
  lines.map((line) => (line === null ? '' : `${indent}# ${line}`));
const beside = ({ beside: number }: Style): string => (number === null ? '' : ` # ${number}`);

/** A collection between brackets, over as many lines as its comments need. */
const flowLines = (content: Value & { readonly kind: 'list' | 'map' }, indent: string): string => {
  const inner = `${indent}   `;
  const items = content.items.map((item, index): string => {
    const [look] = item;
    const value = item.length === 2 ? item[1] : item[2];
    const head = item.length === 2 ? '' : `${item[1]}: `;
    const text = value.kind === 'text' ? quoted(value.text) : flowLines(value, inner);
    const comma = index < content.items.length - 1 ? ',' : '';
    return [...above(look, inner), `${inner}${head}${text}${comma}${beside(look)}`].join('\n');
  });
  const [open, close] = content.kind === 'list' ? ['[', ']'] : ['{', '}'];
  return [
    `${open}${beside(content.end)}`,
    ...items,
    ...above({ ...content.end, beside: null }, inner),
    `${indent}${close}`,
  ].join('\n');
};

const quoted = (text: string): string => {
  if (blockTexts.includes(text)) return 'plain';
  return /^\$\{|\{$/.test(text) ? `"${text}"` : text;
};

const blockLines = (
  content: Value & { readonly kind: 'list' | 'map' },
  indent: string,
  step: string,
): readonly string[] => [
  ...content.items.flatMap((item): readonly string[] => {
    const [look] = item;
    const value = item.length === 2 ? item[1] : item[2];
    const head = item.length === 2 ? `${indent}-` : `${indent}${item[1]}:`;
    const lines = above(look, indent);
    if (value.kind === 'text') {
      const text = value.text.replaceAll('INDENT', `${indent}${step}`);
      const [first = '', rest] = text.split('BESIDE');
      return [...lines, `${head} ${first}${beside(look)}${rest ?? ''}`];
    }
    if (value.flow)
      return [...lines, `${head} ${flowLines(value, `${indent}${step}`)}${beside(look)}`];
    return [...lines, `${head}${beside(look)}`, ...blockLines(value, `${indent}${step}`, step)];
  }),
  ...above(content.end, indent),
];

/** The text of a whole file. */
export const anyTopologyText: fc.Arbitrary<string> = fc
  .tuple(mapOf(value, fc.constant(false)), fc.constantFrom('  ', '    '))
  .map(([root, step]) =>
    root.kind === 'text' ? '' : `${blockLines(root, '', step).join('\n')}\n`,
  );

export const commentsIn = (text: string): readonly string[] => text.match(/# \d+/g) ?? [];
