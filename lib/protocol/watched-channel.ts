import type { Channel } from './channel';

/** The channel, with `watch` called for each batch before whoever receives it gets it. */
export function watchChannel<Out, In>(
  channel: Channel<Out, In>,
  watch: (batch: readonly In[]) => void,
): Channel<Out, In> {
  return {
    get unsent() {
      return channel.unsent;
    },
    post: (message) => channel.post(message),
    flush: () => channel.flush(),
    listen(receive) {
      channel.listen((batch) => {
        watch(batch);
        receive(batch);
      });
    },
    receiveNow() {
      const batch = channel.receiveNow();
      if (batch) watch(batch);
      return batch;
    },
    waitForBatch: (timeout) => channel.waitForBatch(timeout),
    ref: () => channel.ref(),
    unref: () => channel.unref(),
    close: () => channel.close(),
  };
}
