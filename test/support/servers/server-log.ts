// What a server was really sent: its own log under log_statement = all, put together again.

/** Settings of a server whose log can be read back. */
export const statementLogging = {
  log_statement: 'all',
  log_replication_commands: 'on',
  log_line_prefix: '<%p|%d|%a> ',
  log_min_messages: 'warning',
  log_parameter_max_length: '-1',
} as const;

export interface SentStatement {
  readonly pid: number;
  readonly database: string;
  readonly application: string;
  /** With its parameters as literals in their places; the log quotes numbers too, a plan does not. */
  readonly text: string;
  /** Its transaction has turned log_statement off: an event trigger has told it. */
  readonly unlogged: boolean;
  /** What functions said with RAISE LOG while it ran. */
  readonly said: readonly string[];
}

interface Entry {
  readonly pid: number;
  readonly database: string;
  readonly application: string;
  readonly message: string;
}

/** Lines of one message; those that follow the first begin with a tab. */
const entriesOf = (log: string): readonly Entry[] => {
  const entries: Entry[] = [];
  for (const line of log.split('\n')) {
    const match = /^<(\d+)\|([^|]*)\|([^>]*)> (.*)$/.exec(line);
    const last = entries.at(-1);
    if (match !== null) {
      const [, pid = '', database = '', application = '', message = ''] = match;
      entries.push({ pid: Number(pid), database, application, message });
    } else if (line.startsWith('\t') && last !== undefined) {
      entries.push({ ...last, message: `${last.message}\n${line.slice(1)}` });
      entries.splice(-2, 1);
    }
  }
  return entries;
};

/** `$1 = 'a', $2 = NULL`: values as the server printed them, which is how a plan prints them. */
const parametersOf = (detail: string): ReadonlyMap<string, string> =>
  new Map(
    [...detail.matchAll(/\$(\d+) = (NULL|'(?:[^']|'')*')/g)].map(([, number = '', value = '']) => [
      number,
      value.replace(/^'(\d{1,9})'$/, '$1'),
    ]),
  );

const statement =
  /^LOG: {2}(unlogged statement|statement|execute [^:]*|received replication command): ([\s\S]*)$/;
const parameters = /^DETAIL: {2}(?:parameters|Parameters): ([\s\S]*)$/;

const spoken = /^LOG: {2}limits (.*)$/;

/** Every statement in the log, in its order. */
export const statementsIn = (log: string): readonly SentStatement[] => {
  const sent: SentStatement[] = [];
  for (const { message, ...from } of entriesOf(log)) {
    const [, how, text] = statement.exec(message) ?? [];
    if (text !== undefined) {
      sent.push({ ...from, text, unlogged: how === 'unlogged statement', said: [] });
    }
    const last = sent.findLast(({ pid }) => pid === from.pid);
    if (last === undefined || text !== undefined) continue;
    const replace = (rest: Partial<SentStatement>): void => {
      sent.splice(sent.lastIndexOf(last), 1, { ...last, ...rest });
    };
    const limits = spoken.exec(message)?.[1];
    if (limits !== undefined) replace({ said: [...last.said, limits] });
    const detail = parameters.exec(message)?.[1];
    if (detail === undefined) continue;
    const values = parametersOf(detail);
    const filled = last.text.replace(
      /\$(\d+)/g,
      (all, number: string) => values.get(number) ?? all,
    );
    replace({ text: filled });
  }
  return sent;
};
