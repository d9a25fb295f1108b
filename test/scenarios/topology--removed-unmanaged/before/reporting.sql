CREATE TABLE public.orders (id int PRIMARY KEY, customer text NOT NULL, total int NOT NULL);
CREATE SUBSCRIPTION others CONNECTION '${PRIMARY_CONNINFO}' PUBLICATION others WITH (create_slot = false, slot_name = 'others_${SUFFIX}');
