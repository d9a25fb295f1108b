// Loaded into steep by `node --import`: a small copy has as many chunks, and indexes that are built after the rows, as
// a large one. Everything else is the built command line as users run it.

const { defaultTuning } = (await import(
  new URL('../../dist/copy/copy-request.js', import.meta.url).href
)) as { readonly defaultTuning: { chunkBytes: number; deferFromBytes: number } };

defaultTuning.chunkBytes = 64 * 1024;
defaultTuning.deferFromBytes = 256 * 1024;
