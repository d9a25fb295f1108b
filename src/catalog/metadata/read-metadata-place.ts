// Whether a database publishes every table, so that steep_repl must live somewhere else.
// See METADATA_PUBLISHED: its rows would reach subscribers that lack its tables.

import { metadataSchema } from '../../model/state/metadata-version.ts';
import type { Session } from '../../postgres/session.ts';
import { sql } from '../../postgres/sql/sql.ts';

export interface MetadataPlace {
  /** A publication FOR ALL TABLES is there. */
  readonly publishesAll: boolean;
  /** steep_repl is there already. */
  readonly installed: boolean;
}

export const readMetadataPlace = async (session: Session): Promise<MetadataPlace> => {
  const [row] = await session.query<MetadataPlace>(sql`
    SELECT EXISTS (SELECT FROM pg_catalog.pg_publication AS p WHERE p.puballtables) AS "publishesAll",
           EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ${metadataSchema}) AS installed`);
  return row ?? { publishesAll: true, installed: false };
};
