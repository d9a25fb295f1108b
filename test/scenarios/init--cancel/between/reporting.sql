UPDATE steep_repl.subscriptions_init SET state = 'copying';
