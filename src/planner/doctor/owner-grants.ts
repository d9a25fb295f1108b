// Grants for what steep makes itself: publications and subscriptions, and the tables that they are about.

import { quoteIdentifier } from '../../model/identifier.ts';
import type { Grant } from '../../model/report/doctor.ts';
import type { NodeFacts } from '../../model/report/doctor-facts.ts';
import { grant, unlessEmpty } from './grant.ts';
import { oneOf } from './name-set.ts';
import type { Needs } from './needs.ts';
import { objectOwnership, tableOwnership } from './ownership.ts';
import { schemaGrants } from './read-grants.ts';

const ownershipReason = (demand: string): readonly string[] => [
  `${demand} Membership of the owner's role is enough, and leaves the owner its tables;`,
  'a table of a superuser changes its owner instead, since membership would make a superuser.',
];

export const publishing = (node: NodeFacts, needs: Needs, role: string): readonly Grant[] => {
  if (needs.publications.length === 0) return [];
  const wanted = new Set(needs.publications.map(({ name }) => name));
  const published = oneOf(needs.publishedTables);
  const tables = node.rights.tables.filter(({ table }) => published(table));
  const own = tableOwnership(tables, role);
  const existing = objectOwnership(
    'PUBLICATION',
    node.rights.publications.filter(({ name }) => wanted.has(name)),
    role,
  );
  return [
    ...unlessEmpty(
      grant(
        ownershipReason('PostgreSQL lets a table be published by its owner only.'),
        [...schemaGrants(needs.publishedTables, role), ...own.sql],
        own.instead,
      ),
    ),
    ...unlessEmpty(grant('ALTER PUBLICATION needs its owner.', existing.sql, existing.instead)),
    ...(needs.publishesSchemas
      ? [
          grant(
            'TABLES IN SCHEMA is for superusers only: list the tables in steep.yaml, or',
            [],
            [`ALTER ROLE ${quoteIdentifier(role)} SUPERUSER;`],
          ),
        ]
      : []),
  ];
};

export const subscribing = (node: NodeFacts, needs: Needs, role: string): readonly Grant[] => {
  if (needs.incoming.length === 0) return [];
  const { features, version } = node.state.server;
  const name = quoteIdentifier(role);
  if (!features.createSubscriptionRole) {
    return [
      grant(
        `CREATE SUBSCRIPTION needs a superuser on PostgreSQL ${version}; no grant replaces that before 16.`,
        [],
        [`ALTER ROLE ${name} SUPERUSER;`],
      ),
    ];
  }
  const wanted = new Set(needs.incoming.map((sub) => sub.name));
  const filled = oneOf(needs.targetTables);
  const tables = node.rights.tables.filter(({ table }) => filled(table));
  const own = tableOwnership(tables, role);
  const existing = objectOwnership(
    'SUBSCRIPTION',
    node.rights.subscriptions.filter((sub) => wanted.has(sub.name)),
    role,
  );
  return [
    grant(
      'CREATE SUBSCRIPTION; its connection must hold a password, and the publisher must ask for it.',
      [`GRANT pg_create_subscription TO ${name};`],
    ),
    ...unlessEmpty(
      grant(
        ownershipReason('Changes are applied as the owner of each table.'),
        [...schemaGrants(needs.targetTables, role), ...own.sql],
        own.instead,
      ),
    ),
    ...unlessEmpty(grant('ALTER SUBSCRIPTION needs its owner.', existing.sql, existing.instead)),
  ];
};
