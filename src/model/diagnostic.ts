// One finding about the file, a node or the plan. Findings are returned as data, many at once.

export type DiagnosticSeverity = 'error' | 'warning' | 'notice';

/** A place in a file: 1-based line and column, length in characters. */
export interface SourceSpan {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The text of the line, so that it can be shown without reading the file again. */
  readonly snippet: string;
}

export interface Diagnostic {
  readonly severity: DiagnosticSeverity;
  /** Stable, upper case, known to `steep explain`. */
  readonly code: string;
  /** Fixed per code. */
  readonly summary: string;
  /** What, why and what to do; names the node or object. */
  readonly detail: string;
  readonly suggestions?: readonly string[];
  readonly address?: string;
  readonly source?: SourceSpan;
}

/** Whether any of these findings forbids continuing. */
export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error');
