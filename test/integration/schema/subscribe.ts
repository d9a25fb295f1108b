// A subscription to table t that an error turns off.

import type { TestDatabase } from '../../support/servers/cluster.ts';

/** From a slot made before, since both are on one server; the first error turns the subscription off. */
export async function subscribe(publisher: TestDatabase, subscriber: TestDatabase): Promise<void> {
  const { name } = publisher;
  await publisher.query('CREATE PUBLICATION p FOR TABLE t');
  await publisher.query(`SELECT pg_create_logical_replication_slot('${name}', 'pgoutput')`);
  await subscriber.query(
    `CREATE SUBSCRIPTION ${name} CONNECTION '${publisher.conninfo.text}' PUBLICATION p
       WITH (create_slot = false, copy_data = false, disable_on_error = true)`,
  );
}
