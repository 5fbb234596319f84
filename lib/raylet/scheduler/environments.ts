type Variables = Readonly<Record<string, string>>;

/** Environment variables that calls ask for: they run on threads that were started with these. */
export interface Environment {
  /** As identity; empty for that of the process. */
  readonly key: string;
  /** Over those of the process. */
  readonly variables: Variables | undefined;
  /** Functions, classes and threads that have it: with the last it is forgotten. */
  users: number;
}

/** All environments that calls may ask for, or threads have: equal ones are one object. */
export class Environments {
  /** That of the process. */
  readonly usual: Environment = { key: '', variables: undefined, users: 1 };
  private readonly all = new Map([[this.usual.key, this.usual]]);

  /** The environment with these variables, which has one more user. */
  use(variables: Variables | undefined): Environment {
    const sorted = Object.entries(variables ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = sorted.length === 0 ? '' : JSON.stringify(sorted);
    let found = this.all.get(key);
    if (found === undefined) this.all.set(key, (found = { key, variables, users: 0 }));
    found.users += 1;
    return found;
  }

  release(env: Environment): void {
    env.users -= 1;
    if (env.users === 0) this.all.delete(env.key);
  }

  get size(): number {
    return this.all.size;
  }

  values(): Iterable<Environment> {
    return this.all.values();
  }
}
