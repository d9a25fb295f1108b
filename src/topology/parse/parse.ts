// Text → document: the plain value of the file, and where each part of it is.

import { type Document, isMap, parseDocument } from 'yaml';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { finding } from '../findings.ts';
import { excess } from './nesting.ts';
import { secretRanges } from './secret-ranges.ts';
import { type SourceDocument, sourceDocument } from './source-document.ts';
import { type SourceText, spanOf, type TextRange } from './source-text.ts';
import { unresolvedAlias, yamlFault } from './yaml-faults.ts';

export interface ParsedFile {
  /** Null: the file is not YAML that can be read. */
  readonly document: SourceDocument | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads YAML 1.2. `fileName` is what the findings name. */
export const parseFile = (text: string, fileName: string): ParsedFile => {
  const withoutMark = text.replace(/^\uFEFF/, '');
  const unfit = excess(withoutMark);
  if (unfit !== null) {
    const start = spanOf({ file: fileName, text: '', secrets: [] }, [0, 0]);
    return { document: null, diagnostics: [finding('FILE_TOO_LARGE', unfit, start)] };
  }
  const yaml = parseDocument(withoutMark, {
    prettyErrors: false,
    stringKeys: true,
    // `silent` would also silence a second document.
    logLevel: 'error',
  });
  const source = { file: fileName, text: withoutMark, secrets: secretRanges(yaml) };
  const faults = [...yaml.errors, ...yaml.warnings].map((error) => yamlFault(source, yaml, error));
  if (faults.length > 0) return { document: null, diagnostics: oncePerPlace(faults) };
  return withValue(source, yaml);
};

const withValue = (source: SourceText, yaml: Document.Parsed): ParsedFile => {
  const fault = (detail: string, place: TextRange = [0, 0]): ParsedFile => ({
    document: null,
    diagnostics: [finding('YAML_SYNTAX', detail, spanOf(source, place))],
  });
  if (yaml.contents === null) return fault('The file is empty.');
  if (!isMap(yaml.contents)) return fault('The file must be a mapping: `version: 1`, `nodes:` …');
  try {
    return { document: sourceDocument(source, yaml, yaml.toJS()), diagnostics: [] };
  } catch {
    // Not the error's own message: it quotes the file.
    const alias = unresolvedAlias(yaml);
    if (alias === null) return fault('Aliases (*) repeat too much of the file.');
    return fault('This alias (*) names an anchor (&) that is not defined before it.', alias);
  }
};

/** One slip often makes the parser stumble several times over the same place. */
const oncePerPlace = (faults: readonly Diagnostic[]): readonly Diagnostic[] => {
  const places = faults.map(({ code, source }) => `${code} ${source?.line}`);
  return faults.filter((_, index) => places.indexOf(places[index] ?? '') === index);
};
