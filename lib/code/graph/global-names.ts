/** Global variables of JavaScript and Node. Their values are not touched: reading some loads much. */
const names = new Set(
  (
    'AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt BigInt64Array BigUint64Array Boolean ' +
    'DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array ' +
    'Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object Promise ' +
    'Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String SuppressedError Symbol ' +
    'SyntaxError Temporal TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap ' +
    'WeakRef WeakSet WebAssembly decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval ' +
    'globalThis isFinite isNaN parseFloat parseInt undefined unescape ' +
    'AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CloseEvent ' +
    'CompressionStream CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream ' +
    'ErrorEvent Event EventSource EventTarget File FormData Headers MessageChannel MessageEvent MessagePort ' +
    'Navigator Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver ' +
    'PerformanceObserverEntryList PerformanceResourceTiming QuotaExceededError ReadableByteStreamController ' +
    'ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ' +
    'ReadableStreamDefaultReader Request Response Storage SubtleCrypto TextDecoder TextDecoderStream ' +
    'TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController URL URLPattern ' +
    'URLSearchParams WebSocket WritableStream WritableStreamDefaultController WritableStreamDefaultWriter ' +
    'atob btoa clearImmediate clearInterval clearTimeout console crypto fetch gc global localStorage ' +
    'navigator performance process queueMicrotask sessionStorage setImmediate setInterval setTimeout ' +
    'structuredClone'
  ).split(' '),
);

/** Whether every thread has this global variable without being told. */
export const isStandardGlobal = (name: string): boolean => names.has(name);
