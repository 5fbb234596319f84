import type { Question } from '../../protocol/messages';
import type { Answer } from '../../protocol/answers';
import type { Usage } from '../../protocol/usage';
import type { Payload } from '../../protocol/payload';
import type { Actors } from './actors';
import type { Clients } from './clients';
import type { CodeBook } from './code-book';
import type { Explainer } from './explain';
import type { Listing } from './listing';
import type { LostHandles } from './lost-handles';
import type { ActorNames } from './names';
import type { ActorRecord, ClientRecord } from './records';
import type { ResourcePool } from './resources';
import type { Spilling } from './spilling';

/** What the scheduler can say of itself as a whole. */
interface SelfKnowledge {
  validate(): void;
  usage(): Usage;
}

type CreateNamed = Extract<Question, { readonly type: 'createNamed' }>;

/** Answers what clients want to know at once. */
export class Questions {
  constructor(
    private readonly clients: Clients,
    private readonly code: CodeBook,
    private readonly resources: ResourcePool,
    private readonly names: ActorNames,
    private readonly actors: Actors,
    private readonly lostHandles: LostHandles,
    private readonly explainer: Explainer,
    private readonly listing: Listing,
    private readonly spilling: Spilling,
  ) {}

  /** @param self asked for what concerns all of it; `validate` throws where something is not as it should be */
  take(token: number, question: Question, from: ClientRecord, self: SelfKnowledge): void {
    if (question.type === 'room') return this.spilling.wantFor(from, question, token);
    const answer =
      question.type === 'validate'
        ? verdict(() => self.validate(), self.usage())
        : this.answerTo(question, from);
    this.clients.post(from, { type: 'answer', token, answer });
  }

  private answerTo(
    question: Exclude<Question, { type: 'room' | 'validate' }>,
    from: ClientRecord,
  ): Answer {
    switch (question.type) {
      case 'resources':
        return { type: 'resources', ...this.resources.amounts() };
      case 'objects':
        return { type: 'objects', objects: this.listing.objectInfos() };
      case 'explain':
        return { type: 'explain', explanation: this.explainer.explain(question.id) };
      case 'createNamed':
        return this.createNamed(question, from);
      case 'actorNamed': {
        const { name, namespace = this.names.own } = question;
        const found = this.names.find(name, namespace);
        return { type: 'actorNamed', namespace, ...this.handleOf(found, from) };
      }
      case 'actorNames':
        return { type: 'actorNames', names: this.names.list(question.all) };
    }
  }

  private createNamed({ call, getIfExists }: CreateNamed, from: ClientRecord): Answer {
    const { name = '', namespace = this.names.own } = call.named ?? {};
    const found = this.names.find(name, namespace);
    const created = found === undefined;
    if (created) this.actors.create(call, from);
    else if (!getIfExists) this.lostHandles.nameWanted(found);
    const handle = getIfExists ? this.handleOf(found, from) : {};
    return { type: 'createNamed', namespace, created, ...handle };
  }

  /** A handle for the client, which holds the instance from now on. */
  private handleOf(actor: ActorRecord | undefined, to: ClientRecord): { handle?: Payload } {
    const handle = actor?.message.named?.handle;
    if (handle === undefined) return {};
    this.code.prepare(to, handle);
    return { handle };
  }
}

function verdict(validate: () => void, usage: Usage): Answer {
  try {
    validate();
    return { type: 'validate', usage };
  } catch (error) {
    return { type: 'validate', problem: String(error), usage };
  }
}
