import { basename, dirname, join, sep } from 'node:path';

/** The folder of rayx itself: `dist/`, where all files lie side by side, or `lib/`. */
export const ownFolder = basename(__dirname) === 'base' ? dirname(__dirname) : __dirname;

/** Whether a file is among those of rayx that run. */
export const isOwnFile = (path: string): boolean => path.startsWith(ownFolder + sep);

/** Where rayx may lie, compiled and as source; with a separator behind. */
export const ownFolders = ['dist', 'lib'].map((name) => join(ownFolder, '..', name) + sep);
