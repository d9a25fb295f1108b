// Follows `include`: every file of a topology, each once. Reading and matching are given, so that
// this knows paths and no disk.

import { posix } from 'node:path';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { compareText } from '../../model/identifier.ts';
import { finding, type TopologyCode } from '../findings.ts';
import { patternFault } from './include-pattern.ts';
import { parseFile } from './parse.ts';
import { property } from './plain-data.ts';
import type { SourceDocument } from './source-document.ts';
import { steepSchema } from './steep-schema.ts';

/** The files around the root file, by the names that findings show. */
export interface IncludeSources {
  readonly readFile: (name: string) => FileReading;
  /** The files that a pattern matches, in any order. */
  readonly glob: (pattern: string) => readonly string[];
  /** Whether a folder is outside of the project, and may not be read. Absent: none is. */
  readonly isOutside?: (path: string) => boolean;
}

export type FileReading =
  | { readonly text: string }
  /** It is outside of the project, and may not be read. */
  | { readonly outside: true }
  /** Why it cannot be read, as the end of a sentence. */
  | { readonly fault: string };

export interface SourceFile {
  /** As it was read. */
  readonly text: string;
  readonly document: SourceDocument;
}

export interface Inclusion {
  /** The root file first, then what it includes, in the order of `include`. */
  readonly files: readonly SourceFile[];
  /** False: a file could not be read, so that what is missing means nothing. */
  readonly complete: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** For a topology that is in one file. */
export const alone: IncludeSources = {
  readFile: () => ({ fault: 'there are no other files' }),
  glob: () => [],
};

/** Reads a file and all that it includes. `name` is how findings name the root file. */
export const readIncluded = (text: string, name: string, around: IncludeSources): Inclusion => {
  const root = posix.normalize(name);
  return visit({ around, home: posix.dirname(root), seen: new Set([root]) }, text, [root]);
};

interface Walk {
  readonly around: IncludeSources;
  /** The directory of the project. */
  readonly home: string;
  /** Files that were read already, which count once. */
  readonly seen: Set<string>;
}

/** From the root file to the one that is being read. */
type Chain = readonly [string, ...string[]];

/** Keys of a topology, whatever else is wrong with the text. */
const topologyKey = new RegExp(
  `^(?:${Object.keys(steepSchema.properties).join('|')})["']?\\s*:`,
  'm',
);

const visit = (walk: Walk, text: string, chain: Chain): Inclusion => {
  const { document, diagnostics } = parseFile(text, chain.at(-1) ?? chain[0]);
  if (document === null) return { files: [], complete: false, diagnostics };
  const below = requestsOf(document).map((request) => follow(walk, request, chain));
  return {
    files: [{ text, document }, ...below.flatMap(({ files }) => files)],
    complete: below.every(({ complete }) => complete),
    diagnostics: below.flatMap(({ diagnostics: found }) => found),
  };
};

/** One entry of `include`. */
interface IncludeRequest {
  readonly document: SourceDocument;
  readonly index: number;
  readonly text: string;
  /** Named as the root file is: relative to the same directory. */
  readonly path: string;
}

/** What is no text is for the schema to refuse. */
const requestsOf = (document: SourceDocument): readonly IncludeRequest[] => {
  const listed = property(document.value, 'include');
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((text: unknown, index) => {
    if (typeof text !== 'string' || text === '') return [];
    const path = posix.isAbsolute(text)
      ? posix.normalize(text)
      : posix.join(posix.dirname(document.file), text);
    return [{ document, index, text, path }];
  });
};

const nothing: Inclusion = { files: [], complete: true, diagnostics: [] };

const follow = (walk: Walk, request: IncludeRequest, chain: Chain): Inclusion =>
  /[*?[{]/.test(request.text)
    ? followPattern(walk, request, chain)
    : followPath(walk, request, chain);

const followPattern = (walk: Walk, request: IncludeRequest, chain: Chain): Inclusion => {
  if (leaves(walk.home, request.path)) {
    const detail = `\`${request.text}\` leads outside the directory of ${chain[0]}.`;
    return fault('INCLUDE_OUTSIDE', request, detail, 'A pattern must stay inside it.');
  }
  const why = patternFault(request.path);
  if (why !== null) {
    const detail = `\`${request.text}\` is not used: ${why}.`;
    return fault('INCLUDE_PATTERN', request, detail, 'Write several simple patterns instead.');
  }
  // A pattern does not mean the file that it is in.
  const matches = walk.around.glob(request.path).filter((path) => path !== chain.at(-1));
  if (matches.length === 0) {
    const detail = `\`${request.text}\` matches no file.`;
    const warning = fault('INCLUDE_EMPTY', request, detail, 'Correct the pattern, or remove it.');
    return { ...warning, complete: true };
  }
  const found = matches
    .toSorted(compareText)
    .map((path) => followPath(walk, { ...request, path }, chain));
  return {
    files: found.flatMap(({ files }) => files),
    complete: found.every(({ complete }) => complete),
    diagnostics: found.flatMap(({ diagnostics }) => diagnostics),
  };
};

const followPath = (walk: Walk, request: IncludeRequest, chain: Chain): Inclusion => {
  const { path } = request;
  if (chain.includes(path)) {
    const circle = [...chain.slice(chain.indexOf(path)), path].join(' -> ');
    return fault('INCLUDE_CYCLE', request, `${circle}.`, 'Let one file include all others.');
  }
  if (walk.seen.has(path)) return nothing;
  walk.seen.add(path);
  const read = walk.around.readFile(path);
  if ('outside' in read) {
    const detail = `${path} is outside of the folder of ${chain[0]}.`;
    return fault('INCLUDE_OUTSIDE', request, detail, 'Move the file, or give --include-outside.');
  }
  if ('text' in read) {
    if (topologyKey.test(read.text)) return visit(walk, read.text, [...chain, path]);
    const detail = `${path} has none of the keys of a topology.`;
    return fault('INCLUDE_NOT_TOPOLOGY', request, detail, 'Correct the path, or remove it.');
  }
  const detail = `${path} cannot be read: ${read.fault}.`;
  const cure = `Paths are relative to the file that contains them, ${request.document.file}.`;
  return fault('INCLUDE_NOT_FOUND', request, detail, cure);
};

/** Names only: no path is looked up in the working directory. */
const leaves = (home: string, path: string): boolean =>
  home === '.' ? path.startsWith('../') || path.startsWith('/') : !path.startsWith(`${home}/`);

const fault = (
  code: TopologyCode,
  { document, index }: IncludeRequest,
  detail: string,
  cure: string,
): Inclusion => ({
  files: [],
  complete: false,
  diagnostics: [finding(code, detail, document.valueAt(['include', index]), [cure])],
});
