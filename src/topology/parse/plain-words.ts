// Words for people in place of the schema's: places in the file, types and shapes.

import { isMapping } from './plain-data.ts';
import { formatPath, type Path } from './source-document.ts';

/** A place in the file, to begin a sentence with. */
export const placeName = (path: Path): string =>
  path.length === 0 ? 'The file' : `\`${formatPath(path.map(shownPart))}\``;

/** A key as it may be shown: a connection string that slid into a key's place stays hidden. */
export const shownKey = (key: string): string => (/:\/\/|password\s*=/i.test(key) ? '***' : key);

const shownPart = (part: string | number): string | number =>
  typeof part === 'number' ? part : shownKey(part);

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'empty',
};

export const typeName = (type: unknown): string => typeNames[String(type)] ?? String(type);

/** The schema's name for the type of a value. */
export const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

/** What one shape of a choice takes: its type, or the values it lists. */
export const shapeNames = (shape: unknown): readonly string[] => {
  if (!isMapping(shape)) return [];
  if (Array.isArray(shape.enum)) return shape.enum.map((value) => `\`${value}\``);
  return [typeName(shape.type)];
};
