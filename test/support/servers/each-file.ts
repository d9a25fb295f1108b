// Run by vitest before each file of tests with servers.

import { tellTestsApart } from './clean-up.ts';

tellTestsApart();
