import { expect } from 'chai';
import { ActorAlreadyExistsError, ActorNotFoundError } from '../../lib/base/errors';
import { setCurrentClient } from '../../lib/client/current';
import { openHandle } from '../../lib/client/handles';
import type { ToClient, Question } from '../../lib/protocol/messages';
import type { Answer } from '../../lib/protocol/answers';
import { definition, fakeRaylet, type FakeRaylet } from './fake-raylet';

describe('client: named actors', () => {
  let raylet: FakeRaylet;
  beforeEach(() => {
    raylet = fakeRaylet();
    setCurrentClient(raylet.client);
  });
  afterEach(() => setCurrentClient(undefined));

  /** The answer lies there before the question is asked: the client stands still until it has it. */
  const answer = (...answers: readonly Answer[]): void => {
    const messages = answers.map((one, index): ToClient => ({
      type: 'answer',
      token: index + 1,
      answer: one,
    }));
    raylet.answer(...messages);
  };
  const questions = (): Question[] => raylet.sent('ask').map(({ question }) => question);
  const counter = (given: object): object =>
    raylet.client.createActor(
      {
        ...definition('Counter', 0),
        kind: 'class',
        methods: [['increment', 1]],
        options: { given, resources: {} },
      },
      [],
      counter,
    );
  /** A handle as another thread has written it. */
  const written = (
    type = 'Counter',
  ): { id: string; handle: ReturnType<FakeRaylet['codec']['encode']> } => {
    const other = fakeRaylet();
    const handle = other.client.createActor(
      { ...definition(type, 0), kind: 'class', methods: [['increment', 1]] },
      [],
      written,
    );
    return { id: openHandle(handle).actor, handle: other.codec.encode(handle, 'handle') };
  };

  it('are created by a question, with a handle for whoever looks for them', () => {
    answer({ type: 'createNamed', namespace: 'own', created: true });
    const handle = counter({ name: 'hits', namespace: 'web' });
    const [asked] = questions();
    if (asked?.type !== 'createNamed') throw new Error('no instance was asked for');
    const { actor, named } = asked.call;
    expect(openHandle(handle).actor).to.equal(actor);
    expect(named).to.include({ name: 'hits', namespace: 'web' });
    expect(named?.handle).to.deep.include({ refs: [actor] });
    expect(raylet.sent('createActor')).to.have.length(0);
  });

  it('throw at once when the name is taken, unless the one there is wanted', () => {
    const { id, handle } = written();
    const taken = { type: 'createNamed', namespace: 'own', created: false } as const;
    answer(taken, { ...taken, handle });
    expect(() => counter({ name: 'hits' })).to.throw(
      ActorAlreadyExistsError,
      'named hits in the namespace own',
    );
    const found = counter({ name: 'hits', getIfExists: true });
    expect(openHandle(found).actor).to.equal(id);
  });

  it('throw when the one there is wanted, but of another class', () => {
    const { handle } = written('Queue');
    answer({ type: 'createNamed', namespace: 'own', created: false, handle });
    expect(() => counter({ name: 'hits', getIfExists: true })).to.throw(
      ActorAlreadyExistsError,
      'named hits in the namespace own already, and it is a Queue, not a Counter',
    );
  });

  it('are found by a question, and called like others', () => {
    const { id, handle } = written();
    answer({ type: 'actorNamed', namespace: 'web', handle });
    const found = raylet.client.getActor('hits', 'web') as {
      increment: { remote(by: number): unknown };
    };
    expect(questions()).to.deep.equal([{ type: 'actorNamed', name: 'hits', namespace: 'web' }]);
    found.increment.remote(1);
    raylet.client.flush();
    expect(raylet.first('callActor').call).to.include({ actor: id, method: 'increment' });
  });

  it('that nobody made are an error, which says where was looked', () => {
    answer({ type: 'actorNamed', namespace: 'own' });
    expect(() => raylet.client.getActor('hits', undefined)).to.throw(
      ActorNotFoundError,
      'hits in the namespace own',
    );
  });
});
