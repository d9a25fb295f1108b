// How a command says that the rows of a new subscription come: by steep, by PostgreSQL, or not at all.

export const copyMethods = ['parallel', 'native', 'none'] as const;

export type CopyMethod = (typeof copyMethods)[number];
