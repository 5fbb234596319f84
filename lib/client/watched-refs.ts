/**
 * Refs to values that are large or hold refs. V8 tells of refs that it has collected in a turn of the event loop of its own,
 * which a loop that only awaits what is there already never gives it: these are looked at instead, behind
 * a collection.
 *
 * @typeParam Named what stands behind the refs
 */
export class WatchedRefs<Named extends object> {
  private readonly refs = new Map<Named, WeakRef<object>[]>();
  /** How many refs of these were found to be gone, of which V8 has still to tell. */
  private readonly found = new Map<Named, number>();

  /** The ref names the object. */
  watch(ref: object, object: Named): void {
    const known = this.refs.get(object);
    if (known === undefined) this.refs.set(object, [new WeakRef(ref)]);
    else if (!known.some((other) => other.deref() === ref)) known.push(new WeakRef(ref));
  }

  /** The objects of refs that were collected, each as often as it has lost one. */
  takeCollected(): readonly Named[] {
    const objects: Named[] = [];
    for (const [object, refs] of this.refs) {
      const left = refs.filter((ref) => ref.deref() !== undefined);
      const gone = refs.length - left.length;
      if (gone === 0) continue;
      if (left.length > 0) this.refs.set(object, left);
      else this.refs.delete(object);
      this.found.set(object, (this.found.get(object) ?? 0) + gone);
      for (let n = 0; n < gone; n += 1) objects.push(object);
    }
    return objects;
  }

  /** V8 tells that a ref of the object is gone. Answers whether that was found before. */
  wasTaken(object: Named): boolean {
    const found = this.found.get(object);
    if (found === undefined) {
      this.forgetOne(object);
      return false;
    }
    if (found > 1) this.found.set(object, found - 1);
    else this.found.delete(object);
    return true;
  }

  /** Nobody names the object any more. */
  forget(object: Named): void {
    if (this.refs.size > 0) this.refs.delete(object);
  }

  /** Which of those that are gone does not matter: each is told of once. */
  private forgetOne(object: Named): void {
    const refs = this.refs.get(object);
    const at = refs?.findIndex((ref) => ref.deref() === undefined) ?? -1;
    if (at >= 0) refs?.splice(at, 1);
  }
}
