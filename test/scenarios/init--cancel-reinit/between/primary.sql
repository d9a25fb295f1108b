CREATE PUBLICATION steep_without_0123456789ab_1 FOR TABLE public.customers;
INSERT INTO steep_repl.objects (address, kind, applied, protect, run_id) VALUES ('primary/publication.steep_without_0123456789ab_1', 'publication',
  '{"temporaryFor": "reporting/subscription.feed_${SUFFIX}", "without": {"publication": "sales", "tables": [{"schema": "public", "name": "orders"}]}}', false, 'before');
