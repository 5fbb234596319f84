/** A mistake on the command line; its message says all. */
export class UsageError extends Error {}

/** Runs what a command is there for. Exit code 2 for a mistake on its command line, 1 for any other error. */
export function runCommand(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(error instanceof UsageError ? error.message : error);
    process.exit(error instanceof UsageError ? 2 : 1);
  });
}
