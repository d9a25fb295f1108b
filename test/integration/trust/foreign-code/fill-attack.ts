// The parts of an attack on the role that fills a table.

/** The table `app.NAME` on the subscriber; on the publisher it is (id int PRIMARY KEY, note text) unless told. */
export interface FillAttack {
  readonly name: string;
  /** Run by the owner on the subscriber. */
  readonly table: string;
  /** Columns on the publisher. */
  readonly published?: string;
  /** How the plan names what calls the function. */
  readonly caller: string;
  readonly function: string;
  /** The function is of a superuser, and does what the expression of the owner tells it. */
  readonly isTold?: true;
  /** The first major that has it; absent: all. */
  readonly since?: number;
  /** Why not even PostgreSQL's own copy can fill the table; absent: it can. */
  readonly notNative?: string;
}
