// A load as it is sent to a joined worker. Pure.

import type { Chunk, Transfer } from '../fill/copy-table.ts';
import type { Load } from '../read/choose-transfers.ts';

/** Of a large table the number of chunks is sent, not what they are. */
export interface SentLoad {
  readonly bytes: number;
  readonly parts: readonly {
    readonly transfer: Omit<Transfer, 'chunks'> & { readonly chunks: number };
    readonly chunk: Chunk;
  }[];
}

export const sentLoad = ({ bytes, parts }: Load): SentLoad => ({
  bytes,
  parts: parts.map(({ transfer, chunk }) => ({
    transfer: { ...transfer, chunks: transfer.chunks.length },
    chunk,
  })),
});

/** As the run has it, but that every chunk of a table is the one that is to be read. */
export const receivedLoad = ({ bytes, parts }: SentLoad): Load => ({
  bytes,
  parts: parts.map(({ transfer, chunk }) => ({
    transfer: { ...transfer, chunks: Array.from({ length: transfer.chunks }, () => chunk) },
    chunk,
  })),
});
