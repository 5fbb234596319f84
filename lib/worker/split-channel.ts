import type { Channel } from '../protocol/channel';
import { mapChannel } from '../protocol/mapped-channel';
import type { FromClient, FromWorker, ToClient, ToWorker } from '../protocol/messages';
import type { Parcel } from '../protocol/payload';
import type { WorkerOrder } from './tools';

export interface SplitOptions {
  readonly channel: Channel<FromWorker, ToWorker>;
  /** Takes the worker's own orders. It may only note them: a blocked client comes through here too. */
  readonly onOrder: (order: WorkerOrder) => void;
  readonly onParcel: (parcel: Parcel) => void;
}

/** The client's view of its worker's channel: orders for the worker and parcels go their own ways. */
export function splitChannel(options: SplitOptions): Channel<FromClient, ToClient> {
  return mapChannel(options.channel, (batch) => forClient(batch, options));
}

function forClient(batch: readonly ToWorker[], options: SplitOptions): ToClient[] {
  const messages: ToClient[] = [];
  for (const message of batch) {
    switch (message.type) {
      case 'define':
      case 'undefine':
      case 'run':
      case 'createInstance':
      case 'dropInstance':
      case 'invoke':
      case 'abort':
      case 'taken':
      case 'judge':
      case 'resumeInstance':
      case 'retire':
        options.onOrder(message);
        break;
      case 'parcel':
        options.onParcel(message.parcel);
        break;
      default:
        messages.push(message);
    }
  }
  return messages;
}
