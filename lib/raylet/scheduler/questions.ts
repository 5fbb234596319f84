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

  take(token: number, question: Question, from: ClientRecord): void {
    this.clients.post(from, { type: 'answer', token, answer: this.answerTo(question) });
  }

  private answerTo(question: Question): Answer {
    switch (question.type) {
      case 'resources':
        return { type: 'resources', ...this.resources.amounts() };
    }
  }
}
