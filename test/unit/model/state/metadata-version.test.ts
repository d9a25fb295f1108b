// The version that the code works with is the last migration that is shipped.

import { expect, test } from 'vitest';
import { migrationsBetween } from '../../../../src/metadata/migrations.ts';
import { metadataVersion } from '../../../../src/model/state/metadata-version.ts';

test('metadataVersion is the number of the last file in sql/, and none is left out', () => {
  const versions = migrationsBetween(0, Number.MAX_SAFE_INTEGER).map(({ version }) => version);
  expect(versions).toEqual(Array.from({ length: metadataVersion }, (_, index) => index + 1));
});
