// The layout of YAML is Prettier's: indentation, quotes, brackets, blank lines and the places of comments.

/** Which no line exceeds that can be shorter. */
const printWidth = 100;

/** YAML as Prettier prints it, which is loaded for this only. @throws Error with the line that it cannot read. */
export const printYaml = async (text: string): Promise<string> => {
  const [{ format }, yaml] = await Promise.all([
    import('prettier/standalone'),
    import('prettier/plugins/yaml'),
  ]);
  try {
    const printed = await format(text, { parser: 'yaml', plugins: [yaml], printWidth });
    return `${printed.trimEnd()}\n`;
  } catch (error) {
    // Not the error itself: it quotes the file, and so its passwords.
    throw new Error(`The file cannot be formatted${at(error)}. Nothing was written.`);
  }
};

const at = (error: unknown): string => {
  const { loc } = error as { readonly loc?: { readonly start?: { readonly line?: number } } };
  return loc?.start?.line === undefined
    ? ''
    : `: Prettier does not understand line ${loc.start.line}`;
};
