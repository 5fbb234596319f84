/** Thrown by what ends a task or an actor, so that the code behind does not run. Nobody reports it. */
export class ExitSignal extends Error {
  constructor(what: string) {
    super(`${what} was called`);
  }
}
