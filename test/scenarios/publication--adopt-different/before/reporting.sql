CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
CREATE TABLE public.refunds (id int PRIMARY KEY, order_id int NOT NULL);
CREATE SUBSCRIPTION feed_${SUFFIX} CONNECTION '${PRIMARY_CONNINFO}' PUBLICATION sales WITH (create_slot = false);
