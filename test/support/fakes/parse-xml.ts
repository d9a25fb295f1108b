// A strict reader of the small part of XML that reports use: what it reads, any parser reads.

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const token = /<\?xml [^?]*\?>|<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>|[^<]+/y;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };

interface OpenElement extends XmlElement {
  readonly children: OpenElement[];
  text: string;
}

const elementOf = (name: string, attributes: string): OpenElement => ({
  name,
  attributes: readAttributes(attributes),
  children: [],
  text: '',
});

/** @throws Error where the text is not well-formed, or uses what reports do not. */
export function parseXml(xml: string): XmlElement {
  if (forbidden.test(xml)) throw new Error('A character that XML does not have.');
  const root = elementOf('', '');
  const open = [root];
  for (token.lastIndex = 0; token.lastIndex < xml.length; ) {
    const rest = xml.slice(token.lastIndex, token.lastIndex + 60);
    const match = token.exec(xml);
    if (match === null) throw new Error(`Not XML: ${rest}`);
    take(match, open);
  }
  const [document] = root.children;
  if (document === undefined || root.children.length > 1 || open.length > 1) {
    throw new Error('There must be one root.');
  }
  return document;
}

/** The names of the cases that failed, in a report of tests. */
export const failuresOf = (report: string): readonly (string | undefined)[] =>
  parseXml(report).children.flatMap((suite) =>
    suite.children
      .filter(({ children }) => children.some(({ name }) => name === 'failure'))
      .map(({ attributes }) => attributes.name),
  );

const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

function take(match: RegExpExecArray, open: OpenElement[]): void {
  const [whole, end, name, attributes = '', empty] = match;
  const parent = open.at(-1);
  if (parent === undefined) throw new Error(`Nothing is open before ${whole}`);
  if (name === undefined) {
    parent.text += whole.startsWith('<?') ? '' : unescapeXml(whole);
  } else if (end === '/') {
    if (open.pop()?.name !== name) throw new Error(`${whole} closes <${parent.name}>.`);
  } else {
    const element = elementOf(name, attributes);
    parent.children.push(element);
    if (empty !== '/') open.push(element);
  }
}

const readAttributes = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...text.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      unescapeXml(value.replace(/[\t\n]/g, ' ')),
    ]),
  );

const unescapeXml = (text: string): string =>
  text.replace(/&(#(\d+)|[a-z]*);?/g, (whole, name: string, number: string | undefined) => {
    const character = number === undefined ? entities[name] : String.fromCodePoint(Number(number));
    if (character === undefined || !whole.endsWith(';'))
      throw new Error(`Not a reference: ${whole}`);
    return character;
  });
