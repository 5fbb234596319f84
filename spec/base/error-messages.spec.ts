import { expect } from 'chai';
import * as errors from '../../lib/base/errors';
import { RayError } from '../../lib/base/errors';

const id = '0123456789abcdef';

/** One error of each class, and its message as people read it. */
const messages: readonly [RayError, string][] = [
  [new errors.TaskError('divide', new RangeError('by zero')), 'divide failed: RangeError: by zero'],
  [
    new errors.TaskError('sum', new errors.TaskError('divide', new Error('by zero')), 'divide'),
    'sum did not run, because divide failed: by zero',
  ],
  [
    new errors.TaskCancelledError('divide', 'cancel() was called'),
    'the task divide was cancelled: cancel() was called',
  ],
  [
    new errors.TaskTimeoutError('divide', 500),
    'the task divide ran longer than its timeout of 500 ms; give it a longer one, or let it end ' +
      'when getRuntimeContext().signal is aborted',
  ],
  [
    new errors.DeadlockError('B.ask', ['A.ask', 'B.ask']),
    'the call B.ask would wait for ever: A.ask → B.ask → A.ask; let one of them answer without ' +
      'waiting, or raise maxConcurrency or the resources',
  ],
  [
    new errors.ActorDiedError('Counter', id, 'its constructor threw'),
    'the actor Counter (01234567) is dead: its constructor threw',
  ],
  [
    new errors.ActorUnavailableError('Counter', id, 'its thread ended with code 1'),
    'the actor Counter (01234567) is being restarted: its thread ended with code 1; make the call ' +
      'again, or give it maxTaskRetries',
  ],
  [
    new errors.ActorNotFoundError('counter', 'main'),
    'there is no actor named counter in the namespace main: it was never made, has died, or lives ' +
      'in another namespace',
  ],
  [
    new errors.ActorAlreadyExistsError('counter', 'main'),
    'there is an actor named counter in the namespace main already: get it by getActor(), pass ' +
      'getIfExists, or choose another name',
  ],
  [
    new errors.ActorAlreadyExistsError('jobs', 'main', { found: 'Queue', wanted: 'Counter' }),
    'there is an actor named jobs in the namespace main already, and it is a Queue, not a Counter: ' +
      'choose another name, or get it by getActor()',
  ],
  [
    new errors.PendingCallsLimitExceededError('Counter', 10),
    'Counter has 10 calls of this caller pending, its maxPendingCalls: wait for some of them first',
  ],
  [
    new errors.WorkerCrashedError('divide', 'divide called process.exit(1)', ['one', 'two']),
    'the task divide was lost with its worker: divide called process.exit(1)\n' +
      'last output:\n  one\n  two',
  ],
  [
    new errors.WorkerCrashedError('divide', 'its thread ended with code 1', [], 4),
    'the task divide was lost with its worker (it ran 4 times): its thread ended with code 1',
  ],
  [
    new errors.OutOfMemoryError('sort', 'its thread reached its heap limit'),
    'the task sort ran out of memory: its thread reached its heap limit; raise ' +
      'init({ workerHeapMb }), or keep large binary data in put()',
  ],
  [
    new errors.GetTimeoutError(50, [id, id, id, id]),
    'get() waited 50 ms and 4 of its refs (01234567, 01234567, 01234567, …) had no value; the ' +
      'tasks go on, so ask again or raise the timeout',
  ],
  [
    new errors.ShutdownError(),
    'the runtime was shut down; call init() and make new refs and handles',
  ],
  [
    new errors.RuntimeFailedError('worker threads fail to start: SyntaxError: unexpected'),
    'the runtime failed: worker threads fail to start: SyntaxError: unexpected; mend that, then call ' +
      'shutdown() and init() again',
  ],
  [
    new errors.SerializationError('args[1].socket', 'a Socket cannot be sent'),
    'args[1].socket: a Socket cannot be sent',
  ],
  [
    new errors.CaptureError('work → db', 'a Socket cannot be sent'),
    'work → db: a Socket cannot be sent',
  ],
  [
    new errors.ObjectLostError(id, 'its last ref was released before'),
    'the object 01234567 is lost: its last ref was released before',
  ],
  [
    new errors.ObjectStoreFullError(2000, 1000),
    '2000 bytes are more than the whole object store holds (objectStoreMemory, 1000 bytes): ' +
      'send the value in parts, or raise init({ objectStoreMemory })',
  ],
  [
    new errors.ObjectStoreFullError(200, 1000),
    'the object store has no room for 200 bytes (objectStoreMemory, 1000 bytes): what is in it ' +
      'is in use; drop views that you have read, send less at once, or raise ' +
      'init({ objectStoreMemory })',
  ],
  [
    new errors.OutOfDiskError('ENOSPC: no space left on device, write'),
    'the object store is full, and values cannot be written to disk: ' +
      'ENOSPC: no space left on device, write; make room there, set TMPDIR to another disk, ' +
      'or raise init({ objectStoreMemory })',
  ],
  [
    new errors.InlineBlockingError('sleep'),
    'getSync() cannot wait for sleep in inline mode: it goes on only when this thread is free; ' +
      "use await get(), or init({ mode: 'threads' })",
  ],
  [
    new errors.QueueFullError(3),
    'the queue is full: it holds 3 values; take some first, or wait longer',
  ],
  [
    new errors.QueueFullError(3, 2),
    'the queue has no room for 2 values: it holds at most 3; take some first, or put fewer',
  ],
  [new errors.QueueEmptyError(), 'the queue is empty; put a value first, or wait longer'],
  [
    new errors.QueueEmptyError(4),
    'the queue holds fewer than 4 values; put more first, or take fewer',
  ],
  [new errors.InvalidOptionError('as given'), 'as given'],
  [new errors.InvalidArgumentError('as given'), 'as given'],
  [new errors.InvalidCallError('as given'), 'as given'],
  [new errors.InternalError('as given'), 'as given'],
];

type ErrorClass = abstract new (...args: never[]) => RayError;

describe('errors', () => {
  for (const [error, message] of messages) {
    it(`${error.constructor.name} says what, which and what to do`, () => {
      expect(error.message).to.equal(message);
    });
  }

  it('of all classes are read here', () => {
    const read = new Set<unknown>(messages.map(([error]) => error.constructor));
    const abstract = [errors.RayError, errors.ActorError] as ErrorClass[];
    const unread = Object.values(errors as unknown as Record<string, ErrorClass>).filter(
      (type) => !read.has(type) && !abstract.includes(type),
    );
    expect(unread.map(({ name }) => name)).to.deep.equal([]);
  });

  it('are named after their class, and have a code of their own', () => {
    for (const [error] of messages) {
      expect(error.name).to.equal(error.constructor.name);
      expect(error).to.be.instanceOf(RayError);
      expect(error.code).to.match(/^[A-Z]+(_[A-Z]+)*$/);
    }
    const codes = new Map(messages.map(([error]) => [error.constructor, error.code]));
    expect(new Set(codes.values())).to.have.property('size', codes.size);
  });
});
