// What tables need in addition to types, sequences and extensions, and what comes before what.

/** A function or a collation of users. */
export interface NeededObject {
  readonly kind: 'function' | 'collation';
  readonly schema: string;
  /** `shop.doubled(integer)`, `shop.german`. */
  readonly name: string;
  /** The whole statement that creates it, as the source says it. */
  readonly definition: string;
}

/**
 * What an object is created after. Types and tables by formatName, which they share; a function is
 * `function shop.doubled(integer)`, a collation `collation shop.german`.
 */
export interface CreationOrder {
  readonly object: string;
  readonly after: readonly string[];
}

/** The name of it in a CreationOrder. */
export const neededKey = ({ kind, name }: Pick<NeededObject, 'kind' | 'name'>): string =>
  `${kind} ${name}`;
