// Which patterns of `include` are matched at all. Their author may be trusted with less than the machine that matches
// them: a short pattern can match millions of others, or take longer than anybody waits. Pure.

const longest = 500;
const mostAlternatives = 100;
const mostStars = 3;

/** Why a pattern is not matched, as the end of a sentence. Null: it is. */
export const patternFault = (pattern: string): string | null => {
  if (pattern.length > longest) return `it is longer than ${longest} characters`;
  if (/[!?+*@]\(/.test(pattern)) return 'it has a group of parentheses';
  if (alternativesOf(pattern) > mostAlternatives) {
    return `its braces expand to more than ${mostAlternatives} patterns`;
  }
  const parts = pattern.split('/');
  if (parts.filter((part) => part.includes('**')).length > mostStars) {
    return `it has ** more than ${mostStars} times`;
  }
  return parts.some((part) => part !== '**' && part.split('*').length - 1 > mostStars)
    ? `a part of it has * more than ${mostStars} times`
    : null;
};

/** At least as many as the braces expand to, nested ones too. */
const alternativesOf = (pattern: string): number => {
  const commas = pattern.split(',').length - 1;
  const braces = pattern.split('{').length - 1;
  const ranges = [...pattern.matchAll(/(-?\w+)\.\.(-?\w+)/g)].reduce(
    (product, [, from = '', to = '']) => product * widthOf(from, to),
    1,
  );
  if (braces === 0) return 1;
  // Of all ways to spread the alternatives over the groups, this product is the largest.
  return ranges * ((commas + braces) / braces) ** braces;
};

const widthOf = (from: string, to: string): number => {
  const isLetters = from.length === 1 && to.length === 1;
  const width = isLetters ? from.charCodeAt(0) - to.charCodeAt(0) : Number(from) - Number(to);
  return Number.isNaN(width) ? Number.POSITIVE_INFINITY : Math.abs(width) + 1;
};
