// What belongs to whom on a node, and what the role that applies may do with it. Of tables: table.ts, of the role: server.ts.

/** Something that belongs to a role, and whether the role that applies may act as its owner. */
export interface Owned {
  readonly owner: string;
  readonly ownerSuperuser: boolean;
  readonly owned: boolean;
}

export interface OwnedObject extends Owned {
  readonly name: string;
  /** PostgreSQL lets only superusers own it, such as a publication FOR ALL TABLES. */
  readonly forSuperusers: boolean;
}

/** The steep_repl schema, in the database where it is or will be. */
export interface MetadataRights {
  /** The role that applies, and the connected one. */
  readonly role: string;
  readonly reader: string;
  readonly database: string;
  readonly createOnDatabase: boolean;
  /** Null: not installed. */
  readonly schema: (Owned & { readonly usage: boolean; readonly writable: boolean }) | null;
}

/** A schema, and whether the role that applies may create objects in it. */
export interface SchemaRights {
  readonly name: string;
  readonly creatable: boolean;
}

/** Of one node. */
export interface OwnershipFacts {
  readonly schemas: readonly SchemaRights[];
  readonly publications: readonly OwnedObject[];
  readonly subscriptions: readonly OwnedObject[];
  readonly metadata: MetadataRights;
}
