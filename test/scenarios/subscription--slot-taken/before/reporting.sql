CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
CREATE SUBSCRIPTION other CONNECTION '${PRIMARY_CONNINFO}' PUBLICATION sales WITH (create_slot = false, slot_name = 'taken_${SUFFIX}');
