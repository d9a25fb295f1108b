// Looking into plain data of unknown shape.

export type Mapping = Readonly<Record<string, unknown>>;

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A property of a mapping that is its own; anything else has none. */
export const property = (value: unknown, key: string): unknown =>
  isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;

/** The value at a path, if there is one. */
export const valueAtPath = (value: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>(
    (current, part) =>
      Array.isArray(current) ? current[Number(part)] : property(current, String(part)),
    value,
  );
