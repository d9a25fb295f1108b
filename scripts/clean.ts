// Removes the compiled output, so that a command deleted from src/ is not found in dist/.

import { rmSync } from 'node:fs';

for (const path of ['dist', 'oclif.manifest.json']) rmSync(path, { recursive: true, force: true });
