// A subscriber whose tables a role without rights owns, and a publisher whose definitions are carried over: schema_sync: auto.

import { cluster, type TestDatabase } from '../../support/servers/cluster.ts';
import { createProject, type Project } from '../../support/worlds/project.ts';

export interface SchemaSyncWorld {
  readonly publisher: TestDatabase;
  readonly subscriber: TestDatabase;
  /** Owns the schema shop and its tables on the subscriber. */
  readonly owner: string;
  readonly project: Project;
}

export const codeHazards = (stdout: string): readonly string[] =>
  [...stdout.matchAll(/(?:DANGER|BLOCK) +(SCHEMA_\w+)/g)].map(([, code = '']) => code);

export const createSchemaSyncWorld = async (major: number): Promise<SchemaSyncWorld> => {
  const publisher = await cluster.database(major);
  const subscriber = await cluster.database(major);
  const owner = `owner_${subscriber.name}`;
  await publisher.query(`
    CREATE SCHEMA shop;
    CREATE TABLE shop.orders (id int PRIMARY KEY);
    INSERT INTO shop.orders VALUES (1)`);
  await subscriber.query(`
    CREATE ROLE ${owner};
    CREATE SCHEMA shop AUTHORIZATION ${owner};
    SET ROLE ${owner};
    CREATE TABLE shop.orders (id int PRIMARY KEY);
    INSERT INTO shop.orders VALUES (1);
    RESET ROLE`);
  const project = await createProject(
    { publisher: publisher.url, subscriber: subscriber.url },
    {
      publications: { sales: { node: 'publisher', tables: ['shop.*'] } },
      subscriptions: {
        [`feed_${publisher.name}`]: {
          node: 'subscriber',
          source: 'publisher',
          publications: ['sales'],
          schema_sync: 'auto',
          init: { method: 'none' },
        },
      },
      policy: { allow_hazards: ['COPY_SKIPPED_GAP', 'SCHEMA_MISMATCH'] },
    },
  );
  return { publisher, subscriber, owner, project };
};

export const applyAll = ({ project }: SchemaSyncWorld, ...flags: readonly string[]) =>
  project.steep('apply', '--auto-approve', ...flags);

export const allow = (...addresses: readonly string[]): readonly string[] =>
  addresses.flatMap((address) => ['--allow-hazard', `SCHEMA_CARRIES_CODE=subscriber/${address}`]);
