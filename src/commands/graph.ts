// steep graph

import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { graphFormats, renderGraph } from '../cli/graph/render.ts';
import { graph, writeImage } from '../workflows/observe/graph.ts';

export default class Graph extends BaseCommand {
  static override summary = 'Draw the topology.';

  static override description =
    'Nodes and subscriptions of steep.yaml, offline. With --live, also their versions, lag and health, as in status.';

  static override examples = [
    '<%= config.bin %> graph',
    '<%= config.bin %> graph --format svg --out topology.svg',
    '<%= config.bin %> graph --live --format dot | dot -Tpng > topology.png',
  ];

  static override exitCodes = ['incomplete', 'invalidFile'] as const;

  static override flags = {
    format: Flags.option({
      summary: 'The format of the picture.',
      options: graphFormats,
      default: 'mermaid' as const,
    })(),
    live: Flags.boolean({ summary: 'Also read the servers.' }),
    out: Flags.string({ summary: 'Write the picture to a file.', helpValue: 'FILE' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(Graph);
    const { format, live, out } = flags;
    const result = await graph(flags.config, live, this.runtime(flags));
    this.tell(result.diagnostics, this.style(flags['no-color']));
    if (result.graph === null) return this.invalidFile(result.diagnostics);

    const picture = renderGraph(result.graph, format);
    if (out === undefined) this.logExactly(picture.trimEnd());
    else {
      await writeImage(out, picture);
      this.log(`Wrote ${out}.`);
    }
    this.endUnread(
      result.graph.nodes.flatMap(({ live }) =>
        live === null || live.reachable ? [] : [live.error.code],
      ),
    );
    return result.graph;
  }
}
