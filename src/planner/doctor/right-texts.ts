// What the doctor says of each kind of right: the check that it belongs to, and the sentence where the role lacks it.

import type { FindingStatus } from '../../model/report/doctor.ts';
import type { ServerFacts } from '../../model/state/server.ts';
import { replicaRole } from '../rights/parameters.ts';
import type { RequiredRight, RightKind } from '../rights/required-right.ts';

type Missing = readonly RequiredRight[];

interface RightText {
  readonly check: (right: RequiredRight) => string;
  /** How bad it is where nothing fails without it. */
  readonly otherwise: FindingStatus;
  readonly lacks: (missing: Missing, server: ServerFacts) => string;
}

const text = (
  check: string,
  lacks: RightText['lacks'],
  otherwise: FindingStatus = 'ok',
): RightText => ({ check: () => check, otherwise, lacks });

const objects = (missing: Missing): string => missing.map(({ object }) => object).join(', ');

const mayNot =
  (what: (missing: Missing, server: ServerFacts) => string): RightText['lacks'] =>
  (missing, server) =>
    `Role ${server.role.name} may not ${what(missing, server)}.`;

const tables = (missing: Missing): string =>
  missing.length === 1 ? '1 table' : `${missing.length} tables`;

const subscriptions = 'right.subscriptions';
const publications = 'right.publications';

export const rightTexts: { readonly [K in RightKind]: RightText } = {
  role: text(
    'right',
    (_missing, { role }) =>
      `Role ${role.name}, which steep.yaml names as apply_role, does not exist.`,
  ),
  metadata: text('right.metadata', mayNot(objects)),
  create: {
    ...text(
      '',
      mayNot((missing, { database }) => `create ${objects(missing)} in database ${database}`),
    ),
    check: ({ object }) => `right.${object}`,
  },
  schemas: text(
    'right.schemas',
    (missing, { role }) => `Role ${role.name} lacks USAGE on the schemas ${objects(missing)}.`,
  ),
  'create-in': text(
    'right.schemas',
    mayNot((missing) => `create objects in schemas ${objects(missing)}`),
  ),
  publish: text(
    publications,
    (missing, { role }) =>
      `Role ${role.name} may publish only what it owns, and does not own ${missing.length} published tables.`,
  ),
  publication: text(
    publications,
    mayNot((missing) => `alter publications of others: ${objects(missing)}`),
  ),
  'publish-schemas': text(publications, () => 'Only superusers may publish TABLES IN SCHEMA.'),
  replication: text(
    'right.slots',
    mayNot(() => 'create or drop slots'),
  ),
  'log-snapshots': text(
    'right.slots',
    mayNot(() => 'advance slots at once'),
  ),
  'mark-slots': text(
    'right.slots',
    mayNot(() => 'mark slots'),
  ),
  'superuser-subscribes': text(
    subscriptions,
    (_missing, { version }) =>
      `PostgreSQL ${version} lets only superusers create subscriptions; from 16 on, the right can be granted to a role.`,
  ),
  'without-password': text(
    subscriptions,
    (missing) =>
      `Only superusers may set password_required = false, as subscription ${objects(missing)} does.`,
  ),
  subscribe: text(
    subscriptions,
    mayNot((_missing, { database }) => `create subscriptions in database ${database}`),
  ),
  receive: text(
    subscriptions,
    (missing, { role }) =>
      `Changes are applied as the owner of each table, and role ${role.name} may not become the owner of ${missing.length} tables.`,
  ),
  subscription: text(
    subscriptions,
    mayNot((missing) => `alter subscriptions of others: ${objects(missing)}`),
  ),
  fill: text(
    'right.tables',
    mayNot((missing) => `fill ${tables(missing)}: it does not own them`),
  ),
  truncate: text(
    'right.tables',
    mayNot((missing) => `truncate ${tables(missing)}`),
  ),
  alter: text(
    'right.tables',
    mayNot((missing) => `alter ${tables(missing)}: it does not own them`),
  ),
  read: text(
    'right.tables',
    mayNot((missing) => `read ${tables(missing)}`),
  ),
  'read-sequences': text(
    'right.tables',
    mayNot((missing) => `read the sequences ${objects(missing)}`),
    'warning',
  ),
  'set-sequences': text(
    'right.tables',
    mayNot((missing) => `set the sequences ${objects(missing)}`),
    'warning',
  ),
  'own-sequences': text(
    'right.tables',
    mayNot((missing) => `change the sequences ${objects(missing)}: it does not own them`),
  ),
  lock: text(
    'right.tables',
    mayNot((missing) => `lock ${tables(missing)}`),
  ),
  'all-rows': text(
    'right.tables',
    mayNot((missing) => `see all rows of ${objects(missing)}`),
  ),
  'rows-of-others': text(
    'right.tables',
    mayNot((missing) => `see all rows of ${objects(missing)}`),
  ),
  parameter: {
    ...text('', parameterLacks),
    check: ({ object }) => (object === replicaRole ? `right.${replicaRole}` : 'right.parameters'),
  },
  'read-origins': text('right.origins', originsLack),
  'set-origins': text('right.origins', originsLack),
  'tag-origins': text('right.origins', originsLack),
};

function parameterLacks(missing: Missing, { role }: ServerFacts): string {
  if (missing.some(({ needed, object }) => needed && object === replicaRole)) {
    return `Role ${role.name} may not set ${replicaRole}: tables with foreign keys or triggers cannot be filled, and nodes cannot be merged.`;
  }
  return `Role ${role.name} may not set ${objects(missing)}; plan and apply of this file do without it.`;
}

function originsLack(missing: Missing, { role }: ServerFacts): string {
  return missing.some(({ needed }) => needed)
    ? `Role ${role.name} may not call the functions of replication origins, which set where a subscription of the file begins.`
    : `Role ${role.name} may not call the functions of replication origins; plan and apply of this file do without them.`;
}

/** By check, where nothing is missing. */
export const wellTexts: Readonly<Record<string, string>> & { readonly other: string } = {
  'right.metadata': 'The role may write steep_repl.',
  [publications]: 'The role may publish every table of the file.',
  'right.slots': 'The role may create and drop slots.',
  [subscriptions]: 'The role may create the subscriptions of the file.',
  other: 'The role has this right.',
};

export const kindsOf = (rights: Missing): readonly RightKind[] => [
  ...new Set(rights.map(({ kind }) => kind)),
];

const advice: { readonly [K in RightKind]?: readonly string[] } = {
  role: ['steep doctor --grants prints how to create it.'],
  'publish-schemas': [
    'List the tables in steep.yaml (`schema.*` expands to a list), or connect as a superuser.',
  ],
  'without-password': ['Remove the option from steep.yaml, or connect as a superuser.'],
};

/** What to do where these rights, all of one kind, are missing. */
export const cureOf = (missing: Missing): readonly string[] => {
  const [first] = missing;
  const advised = first === undefined ? undefined : advice[first.kind];
  return advised ?? [...new Set(missing.flatMap(({ sql }) => sql))];
};
