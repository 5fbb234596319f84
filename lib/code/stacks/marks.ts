/** Stands behind the file name of every script whose positions are those of another thread's text. */
export const mark = '?rayx';

/** The script name under which a text of `file` (path or URL) is compiled on another thread. */
export const marked = (file: string): string => file + mark;

/** The URL of the file itself. V8 gives the mark of a path back as `%3Frayx`. */
export const unmarked = (url: string): string => url.replace(/(\?|%3F)rayx$/, '');
