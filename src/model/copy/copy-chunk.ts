// The size from which steep reads a table in ranges of its file.

/** Bytes of a table that travel in one transaction; larger tables are read in several. */
export const copyChunkBytes = 128 * 1024 * 1024;
