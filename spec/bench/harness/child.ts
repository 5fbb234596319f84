import { fork } from 'node:child_process';
import { fullScale, quickScale } from './case';
import type { Case, Group, SampledCase, WholeCase, WholeContender } from './case';
import type { CaseMessage, GroupMessage, Job, Row, WholeMessage } from './messages';
import { endRay, rayCasesOf } from './ray';
import { inTurns } from './statistics';

/*
 * The process of a group, which starts one for each of its cases, or such a process: of a sampled case,
 * or of one contender in one repetition of a whole one. Nothing here loads the library: a case may time
 * that.
 */

const job = JSON.parse(process.argv[2] ?? '') as Job;
const scale = job.quick ? quickScale : fullScale;

async function main(): Promise<void> {
  const { group } = (await import(`../groups/${job.group}.js`)) as { group: Group };
  const cases = job.ray ? rayCasesOf(group.cases) : group.cases;
  if (job.case === undefined) return runGroup(group.title, cases);
  const found = cases.find(({ name }) => name === job.case);
  if (found?.kind === 'sampled') {
    const message = await sample(found);
    await endRay();
    send(message);
  } else send(await runOnce(found?.contenders.find(({ name }) => name === job.contender)));
}

async function runGroup(title: string, cases: readonly Case[]): Promise<void> {
  send({ type: 'title', title });
  for (const each of cases) {
    send({ type: 'begin', name: each.name });
    if (each.kind === 'sampled') {
      const { figures } = await freshProcess<CaseMessage>({ ...job, case: each.name });
      sendRows(each, figures);
    } else {
      await repeat(each);
    }
  }
}

async function sample({ contenders }: SampledCase): Promise<CaseMessage> {
  const slices: ((ms: number) => Promise<number>)[] = [];
  for (const contender of contenders) slices.push(await contender.start(scale.size));
  const turn = (ms: number) => (index: number) => slices[index]?.(ms) ?? Promise.reject();
  await inTurns(slices.length, 1, turn(scale.warmUpMs));
  return { figures: await inTurns(slices.length, scale.rounds, turn(scale.sliceMs)) };
}

async function repeat(each: WholeCase): Promise<void> {
  const peaks = each.contenders.map((): number[] => []);
  const repetitions = Math.min(each.repetitions ?? Infinity, scale.repetitions);
  const figures = await inTurns(each.contenders.length, repetitions, async (index) => {
    const { name, startsProcess, run } = each.contenders[index] as WholeContender;
    if (startsProcess) return run(scale.size);
    const whole = { ...job, case: each.name, contender: name };
    const { figure, peakMb } = await freshProcess<WholeMessage>(whole);
    peaks[index]?.push(peakMb);
    return figure;
  });
  sendRows(each, figures);
  if (each.peakMemory) sendRows({ ...each, name: `${each.name}, peak memory`, unit: 'MB' }, peaks);
}

async function runOnce(contender: WholeContender | undefined): Promise<WholeMessage> {
  if (!contender) throw new Error(`${job.case} has no contender ${job.contender}`);
  const figure = await contender.run(scale.size);
  return { figure, peakMb: process.resourceUsage().maxRSS / 1024 };
}

/** Starts a process; answers with its one message when it has ended. */
function freshProcess<M>(of: Job): Promise<M> {
  const child = fork(__filename, [JSON.stringify(of)]);
  return new Promise((resolve, reject) => {
    let sent: { message: M } | undefined;
    child.once('message', (message) => (sent = { message: message as M }));
    child.once('exit', (code, signal) => {
      if (sent) resolve(sent.message);
      else reject(new Error(`${of.case}, ${of.contender ?? 'all'}: ended with ${code ?? signal}`));
    });
  });
}

function sendRows(each: Case, figures: readonly (readonly number[])[]): void {
  each.contenders.forEach(({ name, yardstick, settings }, index) => {
    const rounds = figures[index] ?? [];
    if (rounds.length === 0) return; // memory of who is many processes
    const row: Row = {
      case: each.name,
      unit: each.unit,
      what: each.what,
      contender: name,
      ...(yardstick && { yardstick }),
      ...(settings && { settings }),
      rounds,
    };
    send({ type: 'row', row });
  });
}

function send(message: GroupMessage | CaseMessage | WholeMessage): void {
  process.send?.(message);
}

// All is said then; runtimes and pools end with the process.
process.once('disconnect', () => process.exit());

main().then(
  () => process.disconnect(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
