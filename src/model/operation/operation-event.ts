// Operations that change nodes and are no run of a plan, as events: how each began and ended. Commands on snapshots have
// events of their own for it.

/** As on the command line, and in the audit log of the nodes that it had locked. */
export type OperationName =
  | 'init complete'
  | 'init prepare'
  | 'schema capture'
  | 'snapshot apply'
  | 'snapshot delete'
  | 'snapshot generate';

export type OperationEventBody =
  | { readonly event: 'operation.started'; readonly operation: OperationName }
  | {
      readonly event: 'operation.completed';
      readonly operation: OperationName;
      readonly duration_ms: number;
    }
  | {
      readonly event: 'operation.failed';
      readonly operation: OperationName;
      readonly duration_ms: number;
      readonly code: string;
      readonly error: string;
    };
