// STUB
import type { NodeName } from '../model/address.ts';
import type { CopyProgress } from '../model/copy-progress.ts';
import type { QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
export declare const settleCopy: (request: {
  node: NodeName;
  subscription: string;
  tables: readonly QualifiedName[];
  openTarget: () => Promise<Session>;
  signal: AbortSignal;
  onProgress: (progress: CopyProgress) => void;
}) => Promise<void>;
