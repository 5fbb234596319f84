import { expect } from 'chai';
import type {
  CallBase,
  FromWorker,
  MethodCall,
  TaskCall,
  ToWorker,
} from '../../lib/protocol/messages';
import { pack, unpack } from '../../lib/protocol/packing';
import type { Payload } from '../../lib/protocol/payload';

type Message = FromWorker | ToWorker;

const payloads: Readonly<Record<string, Payload>> = {
  nothing: undefined,
  'a number': 7,
  'a text that is itself the value': 'format',
  'a bigint': 7n,
  text: { format: 'json', bytes: '[1]' },
  bytes: { format: 'v8', bytes: new Uint8Array([1, 2]) },
  'shared memory': {
    format: 'graph',
    bytes: '[]',
    shared: [{ memory: new SharedArrayBuffer(8), id: 'n-1/1' }],
  },
  refs: { format: 'graph', bytes: '[]', refs: ['a', 'b'] },
  code: { format: 'graph', bytes: '[]', code: ['p'] },
};

const base: CallBase = {
  id: 'c1',
  args: { format: 'json', bytes: '[3]' },
  depth: 1,
  caller: 'n-0',
};
const task: TaskCall = { ...base, spec: 's' };
const method: MethodCall = { ...base, actor: 'a', method: 'increment' };
const run = { type: 'run', attempt: 0, claim: { slot: 3, turn: 9 }, beside: false } as const;
const done = { type: 'done', call: 'c1', took: 0.5, blocked: false } as const;
const one = { ok: true, value: 1 } as const;
const failure = { kind: 'thrown', task: 'square', error: 'no' } as const;

/** Everything that a call can have beside the usual. */
const more: Readonly<Record<string, Partial<CallBase>>> = {
  'nothing more': {},
  'a parent': { parent: 'c0' },
  'refs among its arguments': { refArgs: [[0, 'o1']] },
  'both of them': { parent: 'c0', refArgs: [[0, 'o1']] },
  'a signal that was aborted': { aborted: true },
  'several returns': { returns: ['c1', 'r2'] },
  'no returns': { returns: [] },
  'a stream': { stream: { backpressure: 2 } },
  'a site': { site: '    at main (/app/main.ts:7:11)' },
};

/** What only calls of methods can have. */
const moreOfMethod: Readonly<Record<string, Partial<MethodCall>>> = {
  'a name': { name: 'add' },
  'a group': { group: 'io' },
  retries: { maxRetries: 2 },
  'a delay of retries': { retryDelay: 5 },
};

function* messages(): Iterable<readonly [what: string, message: Message]> {
  for (const [what, fields] of Object.entries(more)) {
    const tasked = { ...task, ...fields };
    yield [`the submission of a task with ${what}`, { type: 'submit', call: tasked }];
    yield [`the run of a task with ${what}`, { ...run, call: tasked }];
    yield [
      `the call of a method with ${what}`,
      { type: 'callActor', call: { ...method, ...fields } },
    ];
    yield [
      `the invocation of a method with ${what}`,
      { type: 'invoke', call: { ...method, ...fields } },
    ];
  }
  for (const [what, fields] of Object.entries(moreOfMethod)) {
    yield [
      `the call of a method with ${what}`,
      { type: 'callActor', call: { ...method, ...fields } },
    ];
  }
  yield ['a run with values', { ...run, call: task, values: [['o1', 5]] }];
  yield ['an invocation with values', { type: 'invoke', call: method, values: [['o1', 5]] }];
  yield ['an invocation made again', { type: 'invoke', call: method, attempt: 1 }];
  for (const [what, value] of Object.entries(payloads)) {
    yield [`${what} as arguments`, { type: 'submit', call: { ...task, args: value } }];
    yield [`${what} as a result`, { ...done, outcome: { ok: true, value } }];
    yield [`${what} as an outcome`, { type: 'settled', id: 'o', outcome: { ok: true, value } }];
    yield [`${what} as a value put`, { type: 'put', id: 'o', value }];
  }
  yield [
    'a value put with a site',
    { type: 'put', id: 'o', value: 1, site: 'at /app/main.ts:7:11' },
  ];
  yield ['a failure', { type: 'settled', id: 'o', outcome: { ok: false, failure } }];
  yield ['the end of a stream', { type: 'settled', id: 'o', outcome: { ...one, end: true } }];
  yield ['a failed call', { ...done, outcome: { ok: false, failure } }];
  yield ['a call to retry', { ...done, outcome: { ok: false, failure }, retry: true }];
  yield ['several results', { ...done, outcome: one, rest: [2, 3] }];
  yield ['an exit', { ...done, outcome: one, exitCode: 0 }];
  yield [
    'a crash',
    { ...done, outcome: one, crash: { directive: 'stop', during: { method: 'm' }, failure } },
  ];
  yield ['releases', { type: 'release', ids: [['a', 1], ['b', 2]] }]; // prettier-ignore
  yield ['no releases', { type: 'release', ids: [] }];
  yield ['a message of another kind', { type: 'want', ids: ['a'] }];
}

describe('a packed batch', () => {
  for (const [what, message] of messages()) {
    it(`brings ${what} as it was`, () => {
      expect(unpack(structuredClone(pack([message])))).to.deep.equal([structuredClone(message)]);
    });
  }

  it('keeps the order of messages of all kinds', () => {
    const batch = Array.from(messages(), ([, message]) => message);
    expect(unpack(pack(batch))).to.deep.equal(batch);
  });

  it('holds the usual messages of a call as simple values alone', () => {
    const usual: Message[] = [
      { type: 'submit', call: task },
      { ...run, call: task },
      { ...done, outcome: one },
      { type: 'settled', id: 'c1', outcome: one },
      { type: 'callActor', call: method },
      { type: 'invoke', call: method },
      { type: 'release', ids: [['c1', 1]] },
    ];
    for (const part of pack(usual)) expect(part).to.not.be.an('object');
  });
});
