// Whether a database publishes every table, so that steep_repl must live somewhere else.
// See METADATA_PUBLISHED: its rows would reach subscribers that lack its tables.

import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';
import { metadataSchema } from './read-metadata.ts';

export interface MetadataRoom {
  /** A publication FOR ALL TABLES is there. */
  readonly publishesAll: boolean;
  /** steep_repl is there already. */
  readonly installed: boolean;
}

export const readMetadataRoom = async (session: Session): Promise<MetadataRoom> => {
  const [row] = await session.query<MetadataRoom>(sql`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_publication AS p WHERE p.puballtables) AS "publishesAll",
           EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ${metadataSchema}) AS installed`);
  return row ?? { publishesAll: true, installed: false };
};
