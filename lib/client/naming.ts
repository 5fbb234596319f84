import { ActorAlreadyExistsError, ActorNotFoundError } from '../base/errors';
import type { ActorOptions } from '../base/options/remote';
import type { CreateActor, Question } from '../protocol/messages';
import type { Payload } from '../protocol/payload';
import { openHandle } from './handles';
import type { AnswerTo } from './questions';
import type { ClientCodec } from './tools';

/** Instances that have a name: the raylet knows them all, and says at once what is. */
export class Naming {
  constructor(
    private readonly codec: Pick<ClientCodec, 'encode'>,
    private readonly read: (answer: Payload) => unknown,
    private readonly ask: <Q extends Question>(question: Q) => AnswerTo<Q['type']>,
  ) {}

  /**
   * Has an instance created under the name among the options.
   *
   * @param handle of the instance that is to be
   * @throws ActorAlreadyExistsError when a living one has the name, unless that is wanted and it is
   * of the same class
   */
  create(handle: object, call: CreateActor, options: ActorOptions): object {
    const { name = '', namespace, getIfExists = false } = options;
    const place = namespace === undefined ? {} : { namespace };
    const named = { name, ...place, handle: this.codec.encode(handle, 'handle') };
    const answer = this.ask({ type: 'createNamed', call: { ...call, named }, getIfExists });
    if (answer.created) return handle;
    if (answer.handle === undefined) throw new ActorAlreadyExistsError(name, answer.namespace);
    const found = this.read(answer.handle) as object;
    const classes = { found: classOf(found), wanted: classOf(handle) };
    if (classes.found === classes.wanted) return found;
    throw new ActorAlreadyExistsError(name, answer.namespace, classes);
  }

  /** @throws ActorNotFoundError when no living instance has the name */
  find(name: string, namespace: string | undefined): object {
    const place = namespace === undefined ? {} : { namespace };
    const answer = this.ask({ type: 'actorNamed', name, ...place });
    if (answer.handle === undefined) throw new ActorNotFoundError(name, answer.namespace);
    return this.read(answer.handle) as object;
  }
}

const classOf = (handle: object): string => openHandle(handle).shape.name;
