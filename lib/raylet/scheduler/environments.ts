type Variables = Readonly<Record<string, string>>;

/** Environment variables that calls ask for: they run on threads that were started with these. */
export interface Environment {
  /** As identity; empty for that of the process. */
  readonly key: string;
  /** Over those of the process. */
  readonly variables: Variables | undefined;
}

/** All environments that calls have asked for: equal ones are one object. */
export class Environments {
  /** That of the process. */
  readonly usual: Environment = { key: '', variables: undefined };
  private readonly all = new Map([[this.usual.key, this.usual]]);

  of(variables: Variables | undefined): Environment {
    if (variables === undefined) return this.usual;
    const sorted = Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = sorted.length === 0 ? '' : JSON.stringify(sorted);
    let found = this.all.get(key);
    if (found === undefined) this.all.set(key, (found = { key, variables }));
    return found;
  }
}
