// steep node register NODE

import { Flags } from '@oclif/core';
import { ChangingCommand } from '../../cli/changing-command.ts';
import { runExitCodes } from '../../cli/flags/apply-flags.ts';
import { changeFlags, connectionOnly, nameArg, ofNode } from '../../cli/flags/primitive-flags.ts';
import { primitives } from '../../workflows/primitives/change-one.ts';

export default class NodeRegister extends ChangingCommand {
  static override summary = 'Register a node in its own steep_repl, or update its registration.';

  static override description =
    'Shows the plan of this one change, and asks. Installs steep_repl where it is not there. NODE is a node of steep.yaml, or the name to give to that of --connection.';

  static override examples = [
    '<%= config.bin %> node register primary',
    '<%= config.bin %> node register primary -c postgresql://10.0.0.4/app --host 10.0.0.4 --port 5432 --priority 80',
  ];

  static override exitCodes = runExitCodes;

  static override args = nameArg('node');

  static override flags = {
    ...connectionOnly,
    name: Flags.string({ summary: 'A title for people; default: NODE.', helpValue: 'NAME' }),
    host: Flags.string({ summary: 'Where others reach it.', helpValue: 'HOST' }),
    port: Flags.integer({ summary: 'The port there.', helpValue: 'PORT', min: 1, max: 65_535 }),
    priority: Flags.integer({
      summary: 'From 1 to 100; default: as it is, or 50.',
      helpValue: 'N',
      min: 1,
      max: 100,
    }),
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(NodeRegister);
    const { name } = args;
    const asked = {
      do: 'register',
      name,
      title: flags.name ?? null,
      host: flags.host ?? null,
      port: flags.port ?? null,
      priority: flags.priority ?? null,
    } as const;
    return this.change(ofNode(name, flags), asked, primitives);
  }
}
