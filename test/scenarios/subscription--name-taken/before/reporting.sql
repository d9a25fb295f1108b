CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
CREATE SUBSCRIPTION feed_${SUFFIX} CONNECTION '${STANDIN_CONNINFO}' PUBLICATION sales_too WITH (create_slot = false, enabled = false);
