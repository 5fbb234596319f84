/** A piece of text to put in place of another. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies edits that do not overlap. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  let result = source;
  for (const { start, end, text } of [...edits].sort((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + text + result.slice(end);
  }
  return result;
}

/** As much white space as the text has characters, line breaks kept: later positions stay. */
export const blank = (text: string): string => text.replace(/[^\n\r\u2028\u2029]/g, ' ');

/** `text` in the place of `old`, with the width and the lines of `old` where it fits. */
export const padded = (text: string, old: string): string => text + blank(old.slice(text.length));

/** A name beginning with `stem` that occurs nowhere in the texts: minified code owns every short one. */
export function freshName(stem: string, ...texts: readonly string[]): string {
  let name = stem;
  for (let n = 0; texts.some((text) => text.includes(name)); n++) name = `${stem}${n}`;
  return name;
}
