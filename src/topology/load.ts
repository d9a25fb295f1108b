// The whole way from text to desired state: parse what is included too, merge, validate the shape,
// read the connections, validate the meaning, resolve. All faults at once, in the order of the files.

import { type Diagnostic, hasErrors } from '../model/diagnostic.ts';
import { compareText } from '../model/identifier.ts';
import type { AllowList } from '../model/plan/allow-list.ts';
import type { DesiredState } from '../model/state/state.ts';
import type { FileVariables, Variables } from './parse/environment.ts';
import { alone, type IncludeSources, readIncluded } from './parse/include.ts';
import { mergeDocuments } from './parse/merge.ts';
import { readConnections } from './parse/read-connections.ts';
import type { SourceDocument } from './parse/source-document.ts';
import type { SteepFile } from './parse/steep-file.generated.ts';
import { validateSchema } from './parse/validate-schema.ts';
import { type ResolvedTopology, resolveTopology } from './resolve/resolve.ts';
import type { Topology } from './topology.ts';
import { validateMeaning } from './validate/validate-meaning.ts';
import { validateOutside } from './validate/validate-outside.ts';

export interface TopologyInput {
  readonly text: string;
  /** As findings show it; included files are named next to it. */
  readonly fileName: string;
  /** The variables that connections may name. */
  readonly environment: FileVariables;
  /** Those of them that connections may name, in addition to what `policy.env` says; undefined: all. */
  readonly allowedVariables?: AllowList;
  /** Passwords of replication_connection need not be set. */
  readonly withoutPasswords?: boolean;
  /** The day (UTC, YYYY-MM-DD) by which what is accepted for a time has expired; absent: nothing has. */
  readonly today?: string;
  /** Where included files come from; without it there are none. */
  readonly around?: IncludeSources;
}

export interface LoadedTopology {
  /** Null where a finding is an error. */
  readonly topology: ResolvedTopology | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A file as plan and apply need it: every connection must be known. */
export const loadTopology = (input: TopologyInput): LoadedTopology => {
  const { topology, diagnostics } = examine(input);
  const usable = topology !== null && !hasErrors(diagnostics);
  return {
    topology: usable ? resolveTopology(topology, input.today) : null,
    diagnostics,
  };
};

export interface ValidatedTopology {
  /** Null where a finding is an error. */
  readonly desired: DesiredState | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A file as it can be judged offline: variables that are not set are notices. Whether their values
 * hold a password is then not known, and `secretInConnection` is true only where one is named.
 */
export const validateTopology = (input: TopologyInput): ValidatedTopology => {
  const { topology, diagnostics } = examine(input);
  const offline = diagnostics.map(withoutEnvironment);
  const usable = topology !== null && !hasErrors(offline);
  return {
    desired: usable ? resolveTopology(topology).desired : null,
    diagnostics: offline,
  };
};

const withoutEnvironment = (diagnostic: Diagnostic): Diagnostic =>
  diagnostic.code === 'MISSING_VARIABLE' ? { ...diagnostic, severity: 'notice' } : diagnostic;

interface Examined {
  /** Null: not YAML, or not of the schema's shape. */
  readonly topology: Topology | null;
  readonly diagnostics: readonly Diagnostic[];
}

const examine = (input: TopologyInput): Examined => {
  const { text, fileName, around = alone } = input;
  const { files, complete, diagnostics: reading } = readIncluded(text, fileName, around);
  const [root, ...included] = files.map(({ document }) => document);
  // What is in a file that could not be read would seem to be missing.
  if (!complete || root === undefined) return { topology: null, diagnostics: reading };
  const { document, diagnostics: twice } = mergeDocuments([root, ...included]);
  const order = files.map(({ document: { file } }) => file);
  const { topology, diagnostics } = understand(document, input);
  return { topology, diagnostics: inFileOrder(order, [...reading, ...twice, ...diagnostics]) };
};

const understand = (document: SourceDocument, input: TopologyInput): Examined => {
  const { file, diagnostics: shape } = validateSchema(document);
  if (file === null) return { topology: null, diagnostics: shape };
  const { nodes, diagnostics: reading } = readConnections(document, file, variablesOf(file, input));
  const topology = { document, file, connections: nodes };
  const outside = validateOutside(topology, input.around?.isOutside ?? (() => false));
  return { topology, diagnostics: [...reading, ...validateMeaning(topology), ...outside] };
};

const variablesOf = (
  { policy }: SteepFile,
  { environment, allowedVariables, withoutPasswords = false }: TopologyInput,
): Variables => {
  const named = policy?.env === undefined ? undefined : new Set(policy.env);
  return {
    environment,
    withoutPasswords,
    mayUse: (name) => named?.has(name) !== false && allowedVariables?.names.has(name) !== false,
    mayShow: (name) => allowedVariables?.plain.has(name) !== false,
  };
};

const inFileOrder = (
  files: readonly string[],
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] => {
  const place = ({ source }: Diagnostic): readonly [file: number, line: number, column: number] =>
    source === undefined ? [-1, 0, 0] : [files.indexOf(source.file), source.line, source.column];
  return diagnostics.toSorted((a, b) => {
    const [x, y] = [place(a), place(b)];
    return x[0] - y[0] || x[1] - y[1] || x[2] - y[2] || compareText(a.code, b.code);
  });
};
