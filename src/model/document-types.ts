// Types of what is written as JSON: those that are generated from a schema, and those that the code has, which must agree.

/** What is generated from a schema, as the rest of the code has its data: nothing of it is changed. */
export type ReadOnly<T> = T extends readonly (infer Item)[]
  ? readonly ReadOnly<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: ReadOnly<T[K]> }
    : T;

/** What toSnakeKeys() returns. What is unknown to the code is an object of any kind in a file. */
export type SnakeKeys<T> = unknown extends T
  ? { readonly [name: string]: unknown }
  : T extends readonly (infer Item)[]
    ? readonly SnakeKeys<Item>[]
    : T extends object
      ? {
          readonly [K in keyof T as K extends string ? SnakeKey<K> : K]: K extends MapField
            ? OfMap<T[K]>
            : SnakeKeys<T[K]>;
        }
      : T;

/** Fields that hold a map from names to values. */
export type MapField = (typeof mapFields)[number];

export const mapFields = [
  'options',
  'endpoints',
  'hazards',
  'copies',
  'edges',
  'slots',
  'unread',
] as const;

type OfMap<T> = T extends readonly unknown[]
  ? SnakeKeys<T>
  : T extends object
    ? { readonly [Name in keyof T]: SnakeKeys<T[Name]> }
    : T;

type SnakeKey<Key extends string, Done extends string = ''> = string extends Key
  ? Key
  : Key extends `${infer Letter}${infer Rest}`
    ? SnakeKey<
        Rest,
        `${Done}${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}`
      >
    : Done;
