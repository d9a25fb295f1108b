// What a command gets that looks at nodes: a report, or the findings that there is none for.

import type { Diagnostic } from '../diagnostic.ts';

export interface ReadReport<Report> {
  readonly outcome: 'read';
  readonly report: Report;
}

/** The file, or a node, could not be read: these are the findings. */
export interface UnreadNodes {
  readonly outcome: 'invalid file' | 'unreadable';
  readonly diagnostics: readonly Diagnostic[];
}

export type ReadResult<Report> = ReadReport<Report> | UnreadNodes;
