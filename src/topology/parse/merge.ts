// Several documents as one: their names and lists together, and each part with its own place.

import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { isMapping } from './plain-data.ts';
import { shownKey } from './plain-words.ts';
import { formatPath, type Path, type SourceDocument } from './source-document.ts';

/** Sections whose keys are names, each of which is defined once. */
const namedSections: ReadonlySet<string> = new Set([
  'nodes',
  'publications',
  'subscriptions',
  'pairs',
]);
/** Sections that every file adds to. All others are in one file. */
const listSections: ReadonlySet<string> = new Set(['include', 'removed', 'renamed']);

export interface Merged {
  readonly document: SourceDocument;
  readonly diagnostics: readonly Diagnostic[];
}

/** Joins the documents of a topology, the root document first. Where a key is given twice, the first counts. */
export const mergeDocuments = (
  documents: readonly [SourceDocument, ...SourceDocument[]],
): Merged => {
  const [root] = documents;
  const sections = new Map<string, Section>();
  const diagnostics = documents.flatMap((document) =>
    sectionsOf(document).flatMap((section) => {
      const first = sections.get(section.name);
      if (first === undefined) sections.set(section.name, section);
      return first === undefined ? [] : join(sections, first, section);
    }),
  );
  const value = Object.fromEntries(
    [...sections].map(([name, section]) => [name, contentOf(section)]),
  );
  const homeOf = (path: Path): Home => find(sections, path) ?? { document: root, path };
  return {
    document: {
      file: root.file,
      value,
      keyAt: (path) => {
        const home = homeOf(path);
        return home.document.keyAt(home.path);
      },
      valueAt: (path, part) => {
        const home = homeOf(path);
        return home.document.valueAt(home.path, part);
      },
    },
    diagnostics,
  };
};

/** The real place of a part: the path in its own document can differ, as an index of a list does. */
interface Home {
  readonly document: SourceDocument;
  readonly path: Path;
}

interface Part extends Home {
  readonly value: unknown;
}

interface Section {
  readonly name: string;
  readonly kind: 'names' | 'list' | 'whole';
  /** By name, or by index; of a whole, the one part has an empty name. */
  readonly parts: Map<string, Part>;
  readonly home: Home;
}

const sectionsOf = (document: SourceDocument): readonly Section[] =>
  Object.entries(document.value as object).map(([name, value]: [string, unknown]): Section => {
    const home = { document, path: [name] };
    const part = (key: string | number, content: unknown): [string, Part] => [
      String(key),
      { document, path: [name, key], value: content },
    ];
    if (namedSections.has(name) && isMapping(value)) {
      const parts = new Map(Object.entries(value).map(([key, content]) => part(key, content)));
      return { name, kind: 'names', parts, home };
    }
    if (listSections.has(name) && Array.isArray(value)) {
      return { name, kind: 'list', parts: new Map(value.map((item, at) => part(at, item))), home };
    }
    return { name, kind: 'whole', parts: new Map([['', { ...home, value }]]), home };
  });

/** Adds a section to one of the same name from a file before. */
const join = (
  sections: Map<string, Section>,
  first: Section,
  second: Section,
): readonly Diagnostic[] => {
  if (first.kind !== second.kind) {
    // One of them has the wrong shape. It stands alone, for the schema to refuse.
    if (second.kind === 'whole') sections.set(second.name, second);
    return [];
  }
  if (first.kind === 'list') {
    for (const part of second.parts.values()) first.parts.set(String(first.parts.size), part);
    return [];
  }
  const twice = [...second.parts].filter(([key]) => first.parts.has(key));
  for (const [key, part] of second.parts) if (!first.parts.has(key)) first.parts.set(key, part);
  return twice.flatMap(([key, part]) => duplicate(first.parts.get(key), part));
};

const duplicate = (first: Part | undefined, second: Part): readonly Diagnostic[] => {
  const sameVersion = second.path[0] === 'version' && first?.value === second.value;
  if (first === undefined || sameVersion) return [];
  const name = formatPath(second.path.map((part) => shownKey(String(part))));
  const [before, here] = [first, second].map(({ document, path }) => document.keyAt(path));
  if (before === undefined || here === undefined) return [];
  const places = `${before.file}:${before.line} and at ${here.file}:${here.line}`;
  const cure = 'Keep one of the two, or join them.';
  return [finding('DUPLICATE_KEY', `\`${name}\` is defined at ${places}.`, here, [cure])];
};

const contentOf = ({ kind, parts }: Section): unknown => {
  const values = [...parts].map(([key, { value }]) => [key, value] as const);
  if (kind === 'names') return Object.fromEntries(values);
  const contents = values.map(([, value]) => value);
  return kind === 'list' ? contents : contents[0];
};

const find = (sections: ReadonlyMap<string, Section>, path: Path): Home | null => {
  const section = sections.get(String(path[0]));
  if (section === undefined) return null;
  const part = section.parts.get(String(path[1]));
  if (section.kind === 'whole' || part === undefined) {
    return { document: section.home.document, path };
  }
  return { document: part.document, path: [...part.path, ...path.slice(2)] };
};
