/* What options accept, and how errors say it. */

export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && !Number.isNaN(value);
export const isPositiveInteger = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Number(value) > 0;
export const isCount = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Number(value) >= 0;
/** A number of times, or -1 for no limit. */
export const isTimes = (value: unknown): boolean =>
  Number.isSafeInteger(value) && Number(value) >= -1;
/** A positive number of things, or -1 for no limit. */
export const isLimit = (value: unknown): boolean => isPositiveInteger(value) || value === -1;
export const isDuration = (value: unknown): boolean => isNumber(value) && value >= 0;
export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
export const isName = (value: unknown): boolean => typeof value === 'string' && value.length > 0;
export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isOneOf =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);

/** Amounts are kept in ten-thousandths, so finer ones could never be given back exactly. */
export const isAmount = (value: unknown): boolean =>
  isNumber(value) &&
  Number.isFinite(value) &&
  value >= 0 &&
  Math.abs(value * 1e4 - Math.round(value * 1e4)) < 1e-6;

export const amountType = 'a number at least 0, no finer than 0.0001';

/** An object with string keys, none empty, whose values `accepts` takes. */
export const isRecordOf =
  (accepts: (value: unknown, key: string) => boolean) =>
  (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([key, one]) => key !== '' && accepts(one, key));

/** Resources with options of their own. */
const reserved = ['CPU', 'GPU', 'memory'];

export const isResources = isRecordOf(
  (amount, name) => !reserved.includes(name) && isAmount(amount),
);

export const resourcesType =
  'an object of amounts by name, each at least 0 and no finer than 0.0001, without CPU, GPU and ' +
  'memory (use numCpus, numGpus, memory)';
