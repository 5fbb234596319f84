import type { Clock } from '../base/clock';
import type { RuntimeEvent } from '../base/events';
import type { Collector } from './collector';
import type { Links } from './links';
import { actorPrefix, type Logs } from './logs/logs';
import type { SchedulerEvent } from './scheduler/events';
import type { Instruction } from './scheduler/instructions';
import type { Spiller } from './spill/spiller';
import type { Supervisors } from './supervisors';
import type { Ticker } from './ticker';
import type { Workers } from './workers';

/** An event as it happens: the time is added when it is handled. */
export type Happening = SchedulerEvent extends infer Event
  ? Event extends SchedulerEvent
    ? Omit<Event, 'at'>
    : never
  : never;

/** The scheduler as its shell sees it. */
export interface SchedulerCore {
  handle(event: SchedulerEvent): readonly Instruction[];
}

export interface ShellOptions {
  readonly scheduler: SchedulerCore;
  readonly clock: Clock;
  readonly links: Links;
  readonly logs: Logs;
  readonly ticker: Ticker;
  /** For what comes only when the thread is free. */
  readonly freeTicker: Ticker;
  readonly workers: Workers;
  readonly supervisors: Supervisors;
  readonly collector: Collector;
  readonly spiller: Spiller;
  readonly onEvent: (event: RuntimeEvent) => void;
}

/** The thing itself with its time: to copy it would cost more than to handle it, where it is small. */
function timed(happening: Happening, at: number): SchedulerEvent {
  const event = happening as Happening & { at: number };
  event.at = at;
  return event;
}

/** Hands events to the scheduler and carries out what it wants done. */
export class Shell {
  constructor(private readonly options: ShellOptions) {}

  handle(happening: Happening): void {
    const { scheduler, clock } = this.options;
    const event = timed(happening, clock.now());
    for (const instruction of scheduler.handle(event)) this.carryOut(instruction);
  }

  private carryOut(instruction: Instruction): void {
    const { links, logs, ticker, freeTicker, workers, supervisors, collector, spiller, onEvent } =
      this.options;
    switch (instruction.type) {
      case 'send': {
        const { to, message } = instruction;
        if (message.type === 'run') workers.hold(to, message.claim);
        links.post(to, message);
        break;
      }
      case 'startWorker':
        workers.start(instruction.worker, instruction);
        break;
      case 'retireWorker':
        workers.retire(instruction.worker);
        break;
      case 'terminateWorker': {
        const { worker, reason } = instruction;
        this.handle({ type: 'workerExited', worker, ...workers.endNow(worker, reason) });
        break;
      }
      case 'revoke': {
        const { worker, claims } = instruction;
        this.handle({ type: 'revoked', worker, calls: workers.revoke(worker, claims) });
        break;
      }
      case 'createActor':
        if (!instruction.spec.actor?.sharesThread) {
          logs.open(instruction.worker, actorPrefix(instruction.spec.name, instruction.call.actor));
        }
        supervisors.create(instruction);
        break;
      case 'endActor':
        supervisors.end(instruction.actor, instruction.worker, instruction.gently);
        break;
      case 'buryActor':
        supervisors.bury(instruction.actor);
        break;
      case 'tickAfter':
        (instruction.whenFree ? freeTicker : ticker).after(instruction.delay);
        break;
      case 'spill':
        spiller.spill(instruction.file, instruction.memory);
        break;
      case 'restore':
        spiller.restore(instruction.file, instruction.size, instruction.memory);
        break;
      case 'unlink':
        spiller.unlink(instruction.file);
        break;
      case 'dropped':
        collector.dropped(instruction.bytes);
        break;
      case 'warn':
        logs.warn(instruction.text);
        break;
      case 'event':
        onEvent(instruction.event);
        break;
    }
  }
}
