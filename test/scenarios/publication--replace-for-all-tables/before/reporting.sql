CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
CREATE SUBSCRIPTION feed_${SUFFIX} CONNECTION '${PRIMARY_CONNINFO}' PUBLICATION sales WITH (create_slot = false);
