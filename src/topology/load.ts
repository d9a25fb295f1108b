// The whole way from text to desired state: parse, validate the shape, read the connections,
// validate the meaning, resolve. All faults at once, in the order of the file.

import type { Connections } from '../model/conninfo.ts';
import { type Diagnostic, hasErrors } from '../model/diagnostic.ts';
import { compareText } from '../model/identifier.ts';
import type { DesiredState } from '../model/state.ts';
import type { Environment } from './environment.ts';
import { parseFile } from './parse.ts';
import { readConnections } from './read-connections.ts';
import { resolveTopology } from './resolve.ts';
import type { Topology } from './topology.ts';
import { validateMeaning } from './validate-meaning.ts';
import { validateSchema } from './validate-schema.ts';

export interface TopologyInput {
  readonly text: string;
  /** As findings show it. */
  readonly fileName: string;
  /** The variables that connections may name. */
  readonly environment: Environment;
}

export interface LoadedTopology {
  /** Null where a finding is an error. */
  readonly topology: { readonly desired: DesiredState; readonly connections: Connections } | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A file as plan and apply need it: every connection must be known. */
export const loadTopology = (input: TopologyInput): LoadedTopology => {
  const { topology, diagnostics } = examine(input);
  const usable = topology !== null && !hasErrors(diagnostics);
  return {
    topology: usable ? resolveTopology(topology) : null,
    diagnostics,
  };
};

export interface ValidatedTopology {
  /** Null where a finding is an error. */
  readonly desired: DesiredState | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A file as it can be judged offline: variables that are not set are notices. Whether their
 * connections hold a password is then not known, and `secretInConnection` is false.
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

const examine = ({ text, fileName, environment }: TopologyInput): Examined => {
  const { document, diagnostics } = parseFile(text, fileName);
  if (document === null) return { topology: null, diagnostics: inFileOrder(diagnostics) };
  const { file, diagnostics: shape } = validateSchema(document);
  if (file === null) return { topology: null, diagnostics: inFileOrder(shape) };
  const { nodes, diagnostics: reading } = readConnections(document, file, environment);
  const topology = { document, file, connections: nodes };
  return { topology, diagnostics: inFileOrder([...reading, ...validateMeaning(topology)]) };
};

const inFileOrder = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.toSorted(
    (a, b) =>
      (a.source?.line ?? 0) - (b.source?.line ?? 0) ||
      (a.source?.column ?? 0) - (b.source?.column ?? 0) ||
      compareText(a.code, b.code),
  );
