// Content on its way into a storage: stops when a signal says so, even while its source is silent; is counted; and
// remembers what broke it, so that its failures are not taken for those of the storage. Knows no storage.

import type { Content } from './storage.ts';

/** The same bytes, and what is known of them so far. */
export interface WatchedContent {
  readonly content: Content;
  readonly bytes: () => number;
  /** What broke the content, or the reason of the abort; null: nothing did. */
  readonly failure: () => { readonly error: unknown } | null;
}

export const watchContent = (content: Content, signal: AbortSignal): WatchedContent => {
  let bytes = 0;
  let failure: { readonly error: unknown } | null = null;
  async function* counted(): Content {
    try {
      for await (const chunk of abortable(content, signal)) {
        bytes += chunk.byteLength;
        yield chunk;
      }
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  return { content: counted(), bytes: () => bytes, failure: () => failure };
};

/** Throws the reason of the signal as soon as it aborts, and tells the source to stop. */
async function* abortable(content: Content, signal: AbortSignal): Content {
  const source = content[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      const next = await nextUnlessAborted(source, signal);
      isDone = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // A source that hangs answers this when it continues, which may be never: it is not waited for.
    if (!isDone) source.return?.().catch(() => undefined);
  }
}

const nextUnlessAborted = async (
  source: AsyncIterator<Uint8Array>,
  signal: AbortSignal,
): Promise<IteratorResult<Uint8Array>> => {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([source.next(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
};
