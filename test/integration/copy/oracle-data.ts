// Tables, rows and writers that leave no kind of change out.

export const schema = `
  CREATE TABLE accounts (id int PRIMARY KEY, balance int, note text);
  CREATE INDEX ON accounts (balance);
  CREATE TABLE log (id bigserial PRIMARY KEY, account int, body text);
  CREATE TABLE parts (id int PRIMARY KEY, note text) PARTITION BY HASH (id);
  CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;

export const rows = `
  INSERT INTO accounts SELECT n, n, repeat('a', 60) FROM generate_series(1, 20000) n;
  INSERT INTO log (account, body) SELECT n, repeat('l', 60) FROM generate_series(1, 10000) n;
  INSERT INTO parts SELECT n, repeat('p', 60) FROM generate_series(1, 10000) n;`;

/** Inserts, updates, deletes, changes of keys and of partitions, and TRUNCATE. */
export const write = (turn: number): string => {
  const id = 1 + ((turn * 7919) % 20000);
  const statements = [
    `INSERT INTO accounts VALUES (${100000 + turn}, ${turn}, 'new'); INSERT INTO log (account, body) VALUES (${turn}, 'new')`,
    `UPDATE accounts SET balance = balance + 1, note = repeat('u', ${turn % 500}) WHERE id BETWEEN ${id} AND ${id + 20}`,
    `DELETE FROM accounts WHERE id = ${id}; DELETE FROM parts WHERE id = ${id}`,
    `UPDATE accounts SET id = id + 1000000 WHERE id = ${id + 1}; UPDATE parts SET id = id + 100001 WHERE id = ${id + 1}`,
    `UPDATE parts SET note = 'turned' WHERE id BETWEEN ${id} AND ${id + 5}; INSERT INTO parts VALUES (${200000 + turn}, 'new')`,
    turn % 60 === 5 ? 'TRUNCATE log' : `INSERT INTO log (account, body) VALUES (${turn}, 'again')`,
  ];
  return statements[turn % statements.length] ?? '';
};
