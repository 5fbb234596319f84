import { currentClient } from '../../dist/client/current';

/** What is not as it should be in the scheduler of the runtime that runs; undefined when all is well. */
export function validateRuntime(): string | undefined {
  const client = currentClient();
  return client?.ask({ type: 'validate' }).problem;
}
