import type { FullActorName } from '../../protocol/answers';
import type { ActorRecord } from './records';

/** The names of living instances: each once in its namespace. */
export class ActorNames {
  private readonly spaces = new Map<string, Map<string, ActorRecord>>();

  /** @param own the namespace of whoever names none */
  constructor(readonly own: string) {}

  /** The living instance of that name. */
  find(name: string, namespace = this.own): ActorRecord | undefined {
    return this.spaces.get(namespace)?.get(name);
  }

  /** Gives an instance its name, which no other has. */
  add(actor: ActorRecord): void {
    const { named } = actor.message;
    if (named === undefined) return;
    const { name, namespace = this.own } = named;
    let space = this.spaces.get(namespace);
    if (space === undefined) {
      space = new Map();
      this.spaces.set(namespace, space);
    }
    space.set(name, actor);
  }

  /** The instance is dead: its name is free. */
  remove({ message: { named } }: ActorRecord): void {
    if (named === undefined) return;
    const { name, namespace = this.own } = named;
    const space = this.spaces.get(namespace);
    space?.delete(name);
    if (space?.size === 0) this.spaces.delete(namespace);
  }

  /** All names, the oldest first, of the own namespace or of every one. */
  list(all: boolean): FullActorName[] {
    const listed: FullActorName[] = [];
    for (const [namespace, space] of this.spaces) {
      if (!all && namespace !== this.own) continue;
      for (const name of space.keys()) listed.push({ name, namespace });
    }
    return listed;
  }
}
