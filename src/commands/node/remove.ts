// steep node remove NODE

import { ChangingCommand } from '../../cli/changing-command.ts';
import { runExitCodes } from '../../cli/flags/apply-flags.ts';
import { changeFlags, connectionOnly, nameArg, ofNode } from '../../cli/flags/primitive-flags.ts';
import { primitives } from '../../workflows/primitives/change-one.ts';

export default class NodeRemove extends ChangingCommand {
  static override summary = 'Take the registration of a node out of its steep_repl.';

  static override description =
    'Shows the plan of this one change, and asks. Nothing that replicates is touched.';

  static override examples = [
    '<%= config.bin %> node remove primary',
    '<%= config.bin %> node remove primary -c postgresql://10.0.0.4/app',
  ];

  static override exitCodes = runExitCodes;

  static override args = nameArg('node');

  static override flags = {
    ...connectionOnly,
    ...changeFlags,
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(NodeRemove);
    const { name } = args;
    const asked = { do: 'drop', kind: 'node', name, keepSlot: false } as const;
    return this.change(ofNode(name, flags), asked, primitives);
  }
}
