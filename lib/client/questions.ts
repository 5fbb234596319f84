import { ShutdownError } from '../base/errors';
import type { FromClient, Question } from '../protocol/messages';
import type { Answer } from '../protocol/answers';

/** The answer to a question of this type. */
export type AnswerTo<T extends Question['type']> = Extract<Answer, { readonly type: T }>;

export interface QuestionsOptions {
  readonly post: (message: FromClient) => void;
  readonly flush: () => void;
  /** Blocks the thread until `isHere`; only tables change meanwhile. */
  readonly block: (isHere: () => boolean) => void;
}

/**
 * Questions to the raylet whose answer the caller cannot go on without. The raylet runs no user code
 * and is never blocked, so the thread stands still for a fraction of a millisecond; for room in a full
 * store as long as it takes to write other values to disk.
 */
export class Questions {
  private readonly answers = new Map<number, Answer>();
  private asked = 0;
  private ended = false;

  constructor(private readonly options: QuestionsOptions) {}

  /** @throws ShutdownError when the runtime ends before it has answered */
  ask<Q extends Question>(question: Q): AnswerTo<Q['type']> {
    const { post, flush, block } = this.options;
    const token = (this.asked += 1);
    post({ type: 'ask', token, question });
    flush();
    block(() => this.answers.has(token) || this.ended);
    const answer = this.answers.get(token);
    this.answers.delete(token);
    if (answer === undefined) throw new ShutdownError();
    return answer as AnswerTo<Q['type']>;
  }

  answered(token: number, answer: Answer): void {
    this.answers.set(token, answer);
  }

  /** Nothing will be answered any more: whoever stands still goes on. */
  end(): void {
    this.ended = true;
  }
}
