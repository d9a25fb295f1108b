// Row filters of the file, and why their publisher cannot parse them.

import type { QualifiedName } from '../identifier.ts';

/** As the file has it. */
export interface WrittenFilter {
  readonly publication: string;
  readonly table: QualifiedName;
  readonly where: string;
}

export interface FilterFault extends WrittenFilter {
  /** As the server says it. */
  readonly why: string;
}
