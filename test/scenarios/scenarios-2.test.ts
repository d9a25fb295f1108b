// The second half of the scenarios on real servers.

import { describeScenarios } from './runner/describe-scenarios.ts';

describeScenarios(1);
