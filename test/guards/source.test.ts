// What the import rules cannot show: words that a file must not contain, names that a file must
// not have, and the comment it opens with.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Guard {
  readonly rule: string;
  /** Which files of src/ it covers. */
  readonly files: RegExp;
  readonly except?: RegExp;
  readonly forbidden: RegExp;
}

const kinds = '(publication|subscription|slot|origin|table|node)s?';

const guards: readonly Guard[] = [
  {
    rule: 'the diff names no resource kind',
    files: /^planner\/diff\.ts$/,
    forbidden: new RegExp(`['"\`.]${kinds}['"\`]|\\b${kinds}\\s*[:(=]`, 'i'),
  },
  {
    rule: 'model and planner have no clock and no randomness',
    files: /^(model|planner)\//,
    forbidden:
      /\bnew Date\b|\bDate\.|\bMath\.random\b|\brandomUUID\b|\brandomBytes\b|\bperformance\./,
  },
  {
    rule: 'model, planner and workflows do not see the process',
    files: /^(model|planner|workflows)\//,
    forbidden: /\bprocess\.|\bconsole\./,
  },
  {
    rule: 'nothing ends the process',
    files: /./,
    // The second interrupt: the process takes the signal that it caught.
    except: /^cli\/interrupts\.ts$/,
    forbidden: /\bprocess\.(exit|abort|kill)\(|\bthis\.exit\(/,
  },
  {
    // Otherwise a plan of a role that only reads would judge the rights of that role.
    rule: 'rights and trust are those of the role that applies: actingRole(), isTrustedRole()',
    files: /./,
    except: new RegExp(
      `^(${[
        // What these functions are made of.
        'postgres/acting-role',
        // Backends that the connection itself may see or end.
        'postgres/watch/look-at-backends',
        'postgres/end-backends',
        // In addition to the role that applies, the one that reads: named as such.
        'catalog/server/read-server',
        'catalog/metadata/read-metadata-rights',
        // In addition to trusted roles, the connected role may own steep_repl.
        'catalog/trust/read-metadata-facts',
        // What a running apply may call in this session.
        'catalog/copies/read-snapshot-logging',
        // Words, names of functions and statements for people: steep sends none of them.
        'model/reserved-words',
        'model/catalogue/errors/runs',
        'postgres/sql/harmless-functions',
        'catalog/trust/expected-facts\\.generated',
      ].join('|')})\\.ts$`,
    ),
    forbidden: /\b(current_user|session_user|current_role)\b/i,
  },
  {
    rule: 'only postgres/versions.ts compares server versions',
    files: /./,
    except: /^postgres\/versions\.ts$/,
    forbidden:
      /\b(version|versionNumber|versionNum|serverVersion|server_version_num|major|majorVersion)\)?\s*([<>]=?|[!=]==?)\s*\d|\d\s*([<>]=?)\s*[\w.]*\b(versionNumber|versionNum|serverVersion|major|majorVersion)\b/i,
  },
];

const forbiddenNames = /(^|\/)(utils?|helpers?|common|libs?|managers?|services?|types)(\/|\.ts$)/;

const files: readonly string[] = existsSync('src')
  ? readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .toSorted()
  : [];

test.each(guards)('$rule', ({ files: covered, except, forbidden }) => {
  const found = files
    .filter((file) => covered.test(file) && !except?.test(file))
    .flatMap((file) => codeLines(file).map((line) => `${file}: ${line}`))
    .filter((line) => forbidden.test(line.slice(line.indexOf(': ') + 2)));
  expect(found).toEqual([]);
});

test('files are named for what they hold', () => {
  expect(files.filter((file) => forbiddenNames.test(file))).toEqual([]);
});

test('every file opens with one to four lines that say what it is', () => {
  expect(files.filter((file) => !/^(\/\/ .+\n){1,4}(?!\/\/)/.test(source(file)))).toEqual([]);
});

test.each([
  ['planner/diff.ts', `if (resource.kind === 'publication') return []`],
  ['planner/order.ts', 'const now = new Date()'],
  ['model/plan.ts', 'const who = process.env.USER'],
  ['workflows/plan.ts', 'console.log(plan)'],
  ['cli/main.ts', 'process.exit(1)'],
  ['catalog/read-slots.ts', 'if (server.versionNumber >= 170000) return failover()'],
  ['planner/rules/slot.ts', 'const ok = facts.major < 16'],
  ['catalog/read-roles.ts', 'WHERE r.rolname = CURRENT_USER'],
  ['copy/read-owners.ts', 'pg_has_role(session_user, c.relowner)'],
])('the guards bite: %s, %s', (file, line) => {
  const biting = guards.filter((guard) => guard.files.test(file) && guard.forbidden.test(line));
  expect(biting).not.toEqual([]);
});

function source(file: string): string {
  return readFileSync(join('src', file), 'utf8');
}

/** Lines of code, without the lines that are comments: those may name what is forbidden. */
function codeLines(file: string): readonly string[] {
  return source(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !/^(\/\/|\/\*|\*)/.test(line));
}
