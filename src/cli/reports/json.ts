// The JSON report is the plan file itself: one format, for every reader.

/** `planFile` is the canonical JSON that `plan --out` writes. */
export const renderJsonReport = (planFile: string): string =>
  planFile.endsWith('\n') ? planFile : `${planFile}\n`;
