// Files of tests that a run by day leaves out (STEEP_TEST_NIGHTLY=1 plays them): they take minutes, and what they show
// differs little from what another file shows by day.

/** With what is played by day instead. */
export const onlyAtNight: Readonly<Record<string, string>> = {
  'examples/ci-gitlab': 'the same scripts on another forge: examples/ci-github',
  'integration/apply/blackhole-interrupts':
    'interrupts where nothing answers: apply/blackholes, apply/interrupts and postgres/silence',
};
