// Keys between code (camelCase) and files (snake_case). Keys that users or servers chose stay as they are.

import { mapFields, type SnakeKeys } from './document-types.ts';

const maps: ReadonlySet<string> = new Set(mapFields);

const snake = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const camel = (key: string): string =>
  key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());

const convert = (value: unknown, rename: (key: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => convert(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [rename(key), convertField(key, inner, rename)]),
  );
};

const convertField = (key: string, value: unknown, rename: (key: string) => string): unknown => {
  const isMap =
    maps.has(key) && typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap) return convert(value, rename);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, convert(inner, rename)]),
  );
};

export const toSnakeKeys = <T>(value: T): SnakeKeys<T> => convert(value, snake) as SnakeKeys<T>;

export const toCamelKeys = (value: unknown): unknown => convert(value, camel);
