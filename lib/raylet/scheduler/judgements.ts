import type { CrashReport, FromWorker } from '../../protocol/messages';
import type { Actors } from './actors';
import type { Clients } from './clients';
import type { CodeBook } from './code-book';
import type { Lives } from './lives';
import type { ObjectDirectory } from './objects';
import type { ActorRecord, ClientRecord } from './records';

type Judged = Extract<FromWorker, { type: 'judged' }>;

/** Of an instance that cannot be asked now. */
const BLOCKED = 'stands in getSync()';

/**
 * What `onCrash` says of instances whose code threw, and those above them who decide where it does
 * not: an instance asks the one that made it, and so on upwards. It takes no call meanwhile.
 */
export class Judgements {
  private asked = 0;

  constructor(
    private readonly clients: Clients,
    private readonly objects: ObjectDirectory,
    private readonly code: CodeBook,
    private readonly lives: Lives,
    private readonly actors: Pick<Actors, 'stir'>,
  ) {}

  /** `onCrash` of the instance has said that it does not just go on. */
  crashed(actor: ActorRecord, report: CrashReport, from: ClientRecord): void {
    if (actor.state === 'dead' || actor.worker?.client !== from) return;
    const { directive } = report;
    if (directive === 'escalate') return this.ask(actor, report, actor);
    const says = report.faulty ? 'gave no answer' : `said '${directive}'`;
    this.end(actor, report, `its onCrash ${says}`, directive === 'restart');
  }

  /** Somebody above has said what is to become of the instance. */
  judged({ child: id, token, directive, failure }: Judged, from: ClientRecord): void {
    const child = this.lives.get(id);
    const judgement = child?.judgement;
    // It has perhaps been decided otherwise meanwhile.
    if (child === undefined || judgement?.token !== token) return;
    if (judgement.judge.worker?.client !== from) return;
    const { judge } = judgement;
    const report = failure === undefined ? judgement.report : { ...judgement.report, failure };
    // What is kept until now is kept by whoever goes on with it.
    this.objects.keep(report.failure.error);
    this.close(child);
    this.decide(child, report, judge, directive, failure !== undefined);
    this.objects.letGo(report.failure.error);
  }

  /** A call of the instance may block its thread: it cannot be asked, and perhaps waits for a child. */
  stoodStill(actor: ActorRecord | undefined): void {
    if (actor?.judges?.size && standsStill(actor)) this.cannotJudge(actor, BLOCKED);
  }

  /** The instance is dead, or is to be made anew: nothing is to be decided about it, nor by it. */
  departed(actor: ActorRecord): void {
    this.close(actor);
    this.cannotJudge(actor, 'is gone');
  }

  private cannotJudge(actor: ActorRecord, why: string): void {
    for (const child of [...(actor.judges ?? [])]) {
      const report = child.judgement?.report;
      if (report === undefined) continue;
      this.objects.keep(report.failure.error);
      this.close(child);
      this.end(child, report, `${nameOf(actor)} above it ${why}`, false, true);
      this.objects.letGo(report.failure.error);
    }
  }

  private close(child: ActorRecord): void {
    const { judgement } = child;
    if (judgement === undefined) return;
    child.judgement = undefined;
    judgement.judge.judges?.delete(child);
    this.objects.letGo(judgement.report.failure.error);
  }

  /** Asks the instance that made `below`, which is the child itself or one above it. */
  private ask(child: ActorRecord, report: CrashReport, below: ActorRecord): void {
    const judge =
      below.message.creator === undefined ? undefined : this.lives.get(below.message.creator);
    const worker = judge?.state === 'alive' ? judge.worker : undefined;
    if (judge === undefined || worker === undefined) {
      const why = `no living actor has made ${below === child ? 'it' : nameOf(below)}`;
      return this.end(child, report, why, false, true);
    }
    if (standsStill(judge)) {
      return this.end(child, report, `${nameOf(judge)} above it ${BLOCKED}`, false, true);
    }
    this.asked += 1;
    child.judgement = { report, judge, token: this.asked };
    (judge.judges ??= new Set()).add(child);
    this.objects.keep(report.failure.error);
    this.code.prepare(worker.client, report.failure.error);
    this.clients.post(worker.client, {
      type: 'judge',
      actor: judge.id,
      token: this.asked,
      child: { actorName: nameOf(child), actorId: child.id },
      failure: report.failure,
      during: report.during,
      restarts: child.restarts,
    });
  }

  private decide(
    child: ActorRecord,
    report: CrashReport,
    judge: ActorRecord,
    directive: Judged['directive'],
    faulty: boolean,
  ): void {
    const name = nameOf(judge);
    switch (directive) {
      case undefined:
        return this.end(child, report, `${name} above it has no onCrash`, false, true);
      case 'escalate':
        return this.ask(child, report, judge);
      case 'resume':
        if (report.during === 'constructor') break;
        if (child.worker === undefined) return;
        this.clients.post(child.worker.client, { type: 'resumeInstance', actor: child.id });
        this.actors.stir(child);
        return;
      case 'restart':
      case 'stop':
    }
    const says = faulty ? 'gave no answer' : `said '${directive}'`;
    this.end(child, report, `onCrash of ${name} ${says}`, directive === 'restart');
  }

  /** @param unseen nobody is left to decide: the error goes where those go that nobody looks at */
  private end(
    actor: ActorRecord,
    { during, failure }: CrashReport,
    why: string,
    restart: boolean,
    unseen = false,
  ): void {
    const reason = `${whatThrew(during)}; ${why}`;
    const { lanes, lane } = actor;
    // Behind the call that threw it begins nothing, and where one runs at a time that was the one.
    const idle = typeof during === 'object' && lanes.length === 1 && lane.limit === 1;
    this.lives.crash(actor, { reason, cause: failure, idle }, { restart });
    if (!unseen) return;
    const { driver } = this.clients;
    const unheard = { id: actor.id, task: nameOf(actor), failure, escalated: true } as const;
    this.code.prepare(driver, failure.error);
    this.clients.post(driver, { type: 'unseen', failures: [unheard] });
  }
}

/** Whether a call of it blocks its thread in a wait. */
export function standsStill({ inFlight, creation }: ActorRecord): boolean {
  for (const call of creation === undefined ? inFlight : [creation, ...inFlight]) {
    for (const wait of call.waits?.values() ?? []) if (wait.blocking && !wait.answered) return true;
  }
  return false;
}

function whatThrew(during: CrashReport['during']): string {
  if (during === 'constructor') return 'its constructor threw';
  if (during === 'background') return 'it left an error uncaught';
  return `its method ${during.method}() threw`;
}

const nameOf = ({ spec }: ActorRecord): string => spec.spec.name;
