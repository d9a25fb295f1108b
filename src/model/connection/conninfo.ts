// How a server is reached: libpq keywords and values, one of which may be a password.
// A class, so that no printer, serializer or inspector ever shows the values; its secrets are known to the edge.

import { noteKeywords, secretKeywords, withoutSecrets } from '../known-secrets.ts';
import type { NodeName } from '../state/address.ts';

/** libpq's connection string: spaces and quotes in values are escaped as libpq reads them. */
const escapeValue = (value: string): string =>
  /^[^\s'\\]+$/.test(value) ? value : `'${value.replace(/[\\']/g, '\\$&')}'`;

export class Conninfo {
  readonly #keywords: ReadonlyMap<string, string>;

  constructor(keywords: Readonly<Record<string, string>>) {
    noteKeywords(keywords);
    this.#keywords = new Map(Object.entries(keywords).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  get(keyword: string): string | undefined {
    return this.#keywords.get(keyword);
  }

  get hasPassword(): boolean {
    return this.#keywords.has('password');
  }

  /** The libpq connection string, secrets included: only for a server, never for people. */
  get text(): string {
    return [...this.#keywords].map(([key, value]) => `${key}=${escapeValue(value)}`).join(' ');
  }

  /** `host:port/dbname`: what may be shown. */
  get endpoint(): string {
    return withoutSecrets(
      `${this.get('host') ?? 'localhost'}:${this.get('port') ?? '5432'}/${this.get('dbname') ?? ''}`,
    );
  }

  /** The connection string without its secrets: what may be shown. */
  get shown(): string {
    return withoutSecrets(this.without(new Set(secretKeywords)).text);
  }

  /** The keywords that are set. */
  get names(): readonly string[] {
    return [...this.#keywords.keys()];
  }

  without(names: ReadonlySet<string>): Conninfo {
    return new Conninfo(
      Object.fromEntries([...this.#keywords].filter(([name]) => !names.has(name))),
    );
  }

  with(keywords: Readonly<Record<string, string>>): Conninfo {
    return new Conninfo({ ...Object.fromEntries(this.#keywords), ...keywords });
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  /** util.inspect and console.log ask this. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return 'Conninfo(***)';
  }
}

/** Both ways to each node: steep's own, and the one the other nodes use. */
export interface Connections {
  readonly own: Readonly<Record<NodeName, Conninfo>>;
  readonly replication: Readonly<Record<NodeName, Conninfo>>;
}
