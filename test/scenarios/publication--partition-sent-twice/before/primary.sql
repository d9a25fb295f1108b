CREATE TABLE public.events (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE public.events_old PARTITION OF public.events FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE public.events_new PARTITION OF public.events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
INSERT INTO public.events VALUES (1, '2025-06-01'), (2, '2026-06-01');
