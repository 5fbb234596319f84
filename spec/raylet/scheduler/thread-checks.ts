import type { MethodCall } from '../../../lib/protocol/messages';
import type { RemoteSpec } from '../../../lib/protocol/specs';

/** What must hold of the calls that begin on one simulated thread, in the order they begin. */
export class ThreadChecks {
  /** How often each function was run. */
  private readonly runs = new Map<string, number>();
  /** Numbers of the calls that an instance began last, by caller and group. */
  private readonly lastOf = new Map<string, number>();

  constructor(
    private readonly id: string,
    private readonly env: RemoteSpec['envVars'],
  ) {}

  /** Calls run where their variables are, and only as often as their function may there. */
  run(spec: RemoteSpec | undefined): void {
    if (spec === undefined) return;
    if (JSON.stringify(spec.envVars) !== JSON.stringify(this.env)) {
      throw new Error(`${spec.name} runs on ${this.id}, which has other variables`);
    }
    const runs = (this.runs.get(spec.code.id) ?? 0) + 1;
    this.runs.set(spec.code.id, runs);
    if (runs > (spec.task?.maxCalls ?? Infinity)) throw new Error(`${spec.name} ran ${runs} times`);
  }

  /**
   * Where one call runs at a time, a caller's calls come in the order it made them, and one that is
   * made again before those behind it.
   */
  invoke({ id, caller, group }: MethodCall, limit: number): void {
    if (limit > 1) return;
    const line = `${caller} ${group}`;
    const made = Number(id.slice('call'.length));
    if (made < (this.lastOf.get(line) ?? 0)) throw new Error(`${id} came too late to ${this.id}`);
    this.lastOf.set(line, made);
  }
}
