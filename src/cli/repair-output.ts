// The reports of repair, in the formats that were asked for.

import { toSnakeKeys } from '../model/key-case.ts';
import { withoutSecrets } from '../model/known-secrets.ts';
import { printableJson } from '../model/printable.ts';
import type { RepairReport } from '../model/report/repair.ts';

export const repairJson = (report: RepairReport): string =>
  `${withoutSecrets(printableJson(JSON.stringify(toSnakeKeys(report), null, 2)))}\n`;

interface Script {
  readonly write: (text: string) => void;
}

/** Values of rows are written as they are. */
export const repairScript =
  (scripts: readonly Script[]) =>
  (piece: string): void => {
    for (const script of scripts) script.write(piece);
  };
