import type { RayError } from '../base/errors';
import { callContext, type CallContext } from './context';

/** The signal of a call, made when its code first asks for it. */
export function signalOf(context: CallContext): AbortSignal {
  if (context.controller === undefined) {
    context.controller = new AbortController();
    if (context.abortedBy !== undefined) context.controller.abort(context.abortedBy);
  }
  return context.controller.signal;
}

/** Fires the signal of a call that was told to end; listeners are called as parts of that call. */
export function fireSignal(context: CallContext): void {
  const { controller, abortedBy } = context;
  callContext.run(context, () => controller?.abort(abortedBy));
}

/** Tells a call to end, and why: the first to say so is heard. Its signal is not fired yet. */
export function markAborted(context: CallContext, reason: RayError): boolean {
  if (context.abortedBy !== undefined || context.ended) return false;
  context.abortedBy = reason;
  return true;
}
