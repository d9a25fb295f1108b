// STUB
import type { NodeName } from '../model/address.ts';
import type { CopyProgress } from '../model/copy-progress.ts';
import type { QualifiedName } from '../model/identifier.ts';
import type { Session } from '../postgres/session.ts';
import type { HeldSnapshot } from './hold-snapshot.ts';
export interface CopyRequest {
  readonly node: NodeName;
  readonly source: NodeName;
  readonly subscription: string;
  readonly publications: readonly string[];
  readonly runId: string;
  readonly tables: readonly QualifiedName[];
  readonly snapshot: HeldSnapshot;
  readonly workers: number;
  readonly openSource: () => Promise<Session>;
  readonly openTarget: () => Promise<Session>;
  readonly signal: AbortSignal;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly onProgress: (progress: CopyProgress) => void;
  readonly onTable: (event: {
    kind: 'started' | 'completed' | 'failed';
    table: QualifiedName;
    rows: number;
    bytes: number;
    durationMs: number;
    error?: string;
  }) => void;
}
export interface CopyResult {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
}
export declare const copyTables: (request: CopyRequest) => Promise<CopyResult>;
