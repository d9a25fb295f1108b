// Files of tests that a run by day leaves out, since each takes minutes (STEEP_TEST_NIGHTLY=1 plays them): run by hand those
// that are about what you change.

/** With what comes nearest to it by day. */
export const onlyAtNight: Readonly<Record<string, string>> = {
  'examples/ci-gitlab': 'the same scripts on another forge: examples/ci-github',
  'integration/init/joined-tables': 'tables that join while a copy runs: copy/changed-tables',
  'integration/init/large-tables': 'single tables of much data: init/physical-copy and copy/zoo',
  'integration/init/load-alone': 'loads without neighbours: copy/failures',
  'integration/random-topologies': 'random pairs of files: the scenarios',
  'integration/pairs/replaced-publications':
    'a pair that is taken apart and copied again: pairs/writers and rows/printed-cures',
  'integration/apply/blackhole-interrupts':
    'interrupts where nothing answers: apply/blackholes, apply/interrupts and postgres/silence',
};
