import type { Answer, Question } from '../../protocol/messages';
import type { Clients } from './clients';
import type { ClientRecord } from './records';
import type { ResourcePool } from './resources';

/** Answers what clients want to know at once. */
export class Questions {
  constructor(
    private readonly clients: Clients,
    private readonly resources: ResourcePool,
  ) {}

  /** @param validate throws where something is not as it should be */
  take(token: number, question: Question, from: ClientRecord, validate: () => void): void {
    const answer = question.type === 'validate' ? verdict(validate) : this.answerTo(question);
    this.clients.post(from, { type: 'answer', token, answer });
  }

  private answerTo(question: Exclude<Question, { type: 'validate' }>): Answer {
    switch (question.type) {
      case 'resources':
        return { type: 'resources', ...this.resources.amounts() };
    }
  }
}

function verdict(validate: () => void): Answer {
  try {
    validate();
    return { type: 'validate' };
  } catch (error) {
    return { type: 'validate', problem: String(error) };
  }
}
