// What would change in a file, as `diff -u` prints it and `patch` reads it.

/** Empty where both texts are the same. */
export const unifiedDiff = async (file: string, before: string, after: string): Promise<string> => {
  if (before === after) return '';
  // Loaded when a difference is asked for: most commands never do.
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY };
  return createTwoFilesPatch(file, file, before, after, undefined, undefined, options).trimEnd();
};
