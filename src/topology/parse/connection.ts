// One connection of the file → libpq keywords, with the environment's values put in.
// Findings name the node and the key; they never hold a value.

import { Conninfo } from '../../model/connection/conninfo.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import { noteSecret, secretKeywords } from '../../model/known-secrets.ts';
import { finding } from '../findings.ts';
import { passwordVariableKey } from './connection-keywords.ts';
import { checkedKeywords, type Keywords, parseConnectionText } from './connection-text.ts';
import {
  expandVariables,
  type FileVariables,
  literalText,
  type Variables,
  variableValue,
} from './environment.ts';
import { shownVariables } from './shown-variables.ts';
import { formatPath, type Path, type SourceDocument } from './source-document.ts';
import type { Node } from './steep-file.generated.ts';

type Connection = Node['connection'];

export interface ConnectionReading {
  /** Null: it cannot be known, because of a fault or a variable that is not set. */
  readonly conninfo: Conninfo | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads `connection` or `replication_connection` of a node, which is at `path`. */
export const readConnection = (
  document: SourceDocument,
  path: Path,
  connection: Connection,
  variables: Variables,
): ConnectionReading => {
  const texts = textsOf(connection);
  const faults = texts.flatMap((entry) => variableFaults(document, path, entry, variables));
  const literal = literalSecrets(document, path, connection);
  if (faults.length > 0) return { conninfo: null, diagnostics: [...faults, ...literal] };
  const read = keywordsOf(connection, variables.environment);
  if (read.ok) return { conninfo: new Conninfo(read.keywords), diagnostics: literal };
  const detail = `${formatPath(path)}: ${read.message}`;
  const fault = finding('INVALID_CONNECTION', detail, document.valueAt(path));
  return { conninfo: null, diagnostics: [fault, ...literal] };
};

/** Whether the connection string is known to hold a password, or another secret of libpq. */
export const holdsSecret = (conninfo: Conninfo | null): boolean =>
  secretKeywords.some((keyword) => conninfo?.get(keyword) !== undefined);

interface ConnectionText {
  /** The key in a mapping; null: the connection is one text. */
  readonly key: string | null;
  readonly text: string;
}

const textsOf = (connection: Connection): readonly ConnectionText[] =>
  typeof connection === 'string'
    ? [{ key: null, text: connection }]
    : Object.entries(connection).map(([key, value]) => ({ key, text: String(value) }));

const variableFaults = (
  document: SourceDocument,
  path: Path,
  { key, text }: ConnectionText,
  variables: Variables,
): readonly Diagnostic[] => {
  const { environment, mayUse, withoutPasswords = false } = variables;
  const place = key === null ? path : [...path, key];
  const name = formatPath(place);
  const used = key === passwordVariableKey ? [text] : expandVariables(text, environment).names;
  const forbidden = used.filter((variable) => !mayUse(variable));
  if (forbidden.length > 0) {
    return forbidden.map((variable) => notAllowed(document, place, variable));
  }
  const shown = key === passwordVariableKey ? [] : shownVariables(key, text, variables);
  if (shown.length > 0) return shown.map((variable) => notHidden(document, place, variable));
  if (key === passwordVariableKey) {
    return variableValue(environment, text) === '' && !withoutPasswords
      ? [missing(document, place, text)]
      : [];
  }
  const { missing: names, malformed } = expandVariables(text, environment);
  const unread = `${name}: \${ must be followed by a name, and that by } or by :- and a default.`;
  return [
    ...(malformed ? [finding('INVALID_VARIABLE', unread, document.valueAt(place))] : []),
    ...names.map((variable) => missing(document, place, variable)),
  ];
};

const missing = (document: SourceDocument, path: Path, variable: string): Diagnostic =>
  finding(
    'MISSING_VARIABLE',
    `Node ${path[1]}: ${path[2]} needs the environment variable ${variable}, which is not set or is empty.`,
    document.valueAt(path),
    [`export ${variable}=…`],
  );

const notAllowed = (document: SourceDocument, path: Path, variable: string): Diagnostic =>
  finding(
    'VARIABLE_NOT_ALLOWED',
    `Node ${path[1]}: ${path[2]} names the environment variable ${variable}, which policy.env or --allow-env does not list.`,
    document.valueAt(path),
    [`Name another variable, or allow this one: --allow-env ${variable}`],
  );

const notHidden = (document: SourceDocument, path: Path, variable: string): Diagnostic =>
  finding(
    'VARIABLE_NOT_ALLOWED',
    `Node ${path[1]}: ${path.slice(2).join('.')} would send the environment variable ${variable} to a server that the file names, and --allow-env does not say that it holds no secret.`,
    document.valueAt(path),
    [
      `Use it as the whole connection, as \`password\` or as \`password_env\`.`,
      `If it holds no secret, allow it in every part of a connection: --allow-env ${variable}:plain`,
    ],
  );

const keywordsOf = (
  connection: Connection,
  environment: FileVariables,
): ReturnType<typeof checkedKeywords> => {
  if (typeof connection === 'string') {
    return parseConnectionText(expandVariables(connection, environment).text);
  }
  const { [passwordVariableKey]: variable, ...own } = connection;
  if (variable !== undefined && own.password !== undefined) {
    return { ok: false, message: 'Set `password_env` or `password`, not both.' };
  }
  return checkedKeywords({
    ...expandAll(own, environment),
    ...(variable !== undefined && passwordFrom(environment, variable)),
  });
};

/** Whatever its variable is called. One that is not set is a fault, or not needed. */
const passwordFrom = (environment: FileVariables, variable: string): Keywords => {
  const password = variableValue(environment, variable);
  if (password === '') return {};
  noteSecret(password);
  return { password };
};

const expandAll = (keywords: object, environment: FileVariables): Keywords =>
  Object.fromEntries(
    Object.entries(keywords).map(([keyword, value]) => [
      keyword,
      expandVariables(String(value), environment).text,
    ]),
  );

/** Secrets that are in the file itself, rather than coming from a variable. */
const literalSecrets = (
  document: SourceDocument,
  path: Path,
  connection: Connection,
): readonly Diagnostic[] => {
  const read =
    typeof connection === 'string'
      ? parseConnectionText(literalText(connection))
      : ({ ok: true, keywords: expandAll(connection, {}) } as const);
  // What cannot be read without its variables is one variable, or several that make up one part.
  const keywords: Keywords = read.ok ? read.keywords : {};
  return secretKeywords
    .filter((keyword) => (keywords[keyword] ?? '') !== '')
    .map((keyword) => {
      const place = typeof connection === 'string' ? path : [...path, keyword];
      return finding(
        'LITERAL_PASSWORD',
        `Node ${path[1]}: the file contains \`${keyword}\` in ${path[2]}, where everyone who can read the file sees it.`,
        document.valueAt(place),
        cureOf(keyword),
      );
    });
};

const cureOf = (keyword: string): readonly string[] =>
  keyword === 'password'
    ? ['Name a variable with `password_env: NAME`, or use `passfile` or `service`.']
    : [`Take it from the environment: \`${keyword}: \${NAME}\`.`];
