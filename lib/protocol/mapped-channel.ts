import type { Channel } from './channel';

/**
 * The channel as seen by somebody for whom each batch that arrives goes through `map` first. What that
 * leaves nothing of is not received.
 */
export function mapChannel<Out, In, Seen>(
  channel: Channel<Out, In>,
  map: (batch: readonly In[]) => readonly Seen[],
): Channel<Out, Seen> {
  return {
    get unsent() {
      return channel.unsent;
    },
    post: (message) => channel.post(message),
    flush: () => channel.flush(),
    listen(receive) {
      channel.listen((batch) => {
        const seen = map(batch);
        if (seen.length > 0) receive(seen);
      });
    },
    receiveNow() {
      const batch = channel.receiveNow();
      return batch && map(batch);
    },
    waitForBatch: (timeout) => channel.waitForBatch(timeout),
    ref: () => channel.ref(),
    unref: () => channel.unref(),
    close: () => channel.close(),
  };
}

/** The channel, with `watch` called for each batch before whoever receives it gets it. */
export function watchChannel<Out, In>(
  channel: Channel<Out, In>,
  watch: (batch: readonly In[]) => void,
): Channel<Out, In> {
  return mapChannel(channel, (batch) => {
    watch(batch);
    return batch;
  });
}
