// The version of steep_repl that this steep works with: the number of the last file in sql/.

export const metadataVersion = 5;

/** The schema that holds steep's memory on each node. */
export const metadataSchema = 'steep_repl';
