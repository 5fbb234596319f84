/**
 * Flags of Node that take a module: those that load a TypeScript compiler are not for our threads,
 * which are compiled and get the user's code compiled.
 */
const MODULE_FLAGS = new Set(['-r', '--require', '--import', '--loader', '--experimental-loader']);
const LOADER =
  /(^|[/\\@])(tsx|ts-node|esbuild-register|swc-node|@swc-node|jiti|sucrase)([/\\@.]|$)/;

/** Flags of a single program: what it is, how it is watched, tested, debugged or measured. */
const PROGRAM_FLAG =
  /^(-e|--eval|-p|--print|-pe|-i|--interactive|-c|--check|-v|--version|-h|--help)$|^--(inspect|debug-port|watch|test|experimental-test|input-type|cpu-prof|heap-prof|prof)/;

/** Flags of the program that take their value as the next word. */
const TAKES_WORD = new Set([
  '-e',
  '--eval',
  '-p',
  '--print',
  '-pe',
  '--watch-path',
  '--input-type',
]);

/** The flags that worker threads inherit: the user's own preloads and settings, no loaders, no inspector. */
export function threadFlags(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < execArgv.length; at += 1) {
    const flag = execArgv[at] ?? '';
    const equals = flag.indexOf('=');
    const name = equals < 0 ? flag : flag.slice(0, equals);
    if (MODULE_FLAGS.has(name)) {
      const module = equals < 0 ? (execArgv[(at += 1)] ?? '') : flag.slice(equals + 1);
      if (!LOADER.test(module)) kept.push(...(equals < 0 ? [flag, module] : [flag]));
    } else if (PROGRAM_FLAG.test(name)) {
      if (equals < 0 && TAKES_WORD.has(name)) at += 1;
    } else {
      kept.push(flag);
    }
  }
  return kept;
}

/** `NODE_OPTIONS` as worker threads may have it; undefined when nothing of it is left. */
export function threadNodeOptions(nodeOptions: string): string | undefined {
  const kept = threadFlags(nodeOptions.split(/\s+/).filter((word) => word !== ''));
  return kept.length > 0 ? kept.join(' ') : undefined;
}

/**
 * Runs `start` with as many flags as Node grants to a thread: those that concern the whole process are
 * refused by name, and hold for its threads anyway.
 */
export function withGrantedFlags<T>(
  flags: readonly string[],
  start: (flags: readonly string[]) => T,
): { readonly started: T; readonly flags: readonly string[] } {
  try {
    return { started: start(flags), flags };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV' || flags.length === 0) throw error;
    const granted = flags.filter((flag) => !refusedFlags(message).includes(flag));
    return withGrantedFlags(granted.length < flags.length ? granted : [], start);
  }
}

function refusedFlags(message: string): string[] {
  return message
    .slice(message.indexOf(':') + 1)
    .split(',')
    .map((flag) => flag.trim());
}
