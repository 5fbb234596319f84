import type { Session as InspectorSession } from 'node:inspector';
import { runInThisContext } from 'node:vm';
import { CaptureError } from '../../base/errors';

/** One scope around a function, innermost first. */
export interface Scope {
  /** `Closure (counter)`, `Block`, `Module`, `Script`, `Global`, … */
  readonly description: string;
  /** A copy of its variables: live values, but writing here changes nothing. */
  readonly variables: object;
}

/** What V8 knows of a function and JavaScript does not say. */
export interface Look {
  readonly scopes: readonly Scope[];
  /** Where its parameter list begins, counted from the start of the file. */
  readonly location?: {
    readonly scriptId: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly bound?: {
    readonly target: object;
    readonly boundThis: unknown;
    readonly boundArgs: unknown[];
  };
  /** Static `#private` fields of a class, by name. */
  readonly privates: ReadonlyMap<string, unknown>;
}

interface RemoteObject {
  readonly objectId?: string;
  readonly value?: unknown;
}

interface Described {
  readonly name: string;
  readonly value?: RemoteObject;
}

interface Properties {
  readonly internalProperties?: readonly Described[];
  readonly privateProperties?: readonly Described[];
}

export interface ParsedScript {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL?: string;
  readonly isModule?: boolean;
  readonly startLine: number;
  readonly startColumn: number;
}

/** The door between live values and the inspector: expressions see the main global, whatever realm we are in. */
const slotName = '__rayx_capture__';
const objectGroup = 'rayx';

/**
 * The debugger of this very thread, spoken to in process and synchronously. It stops nothing and
 * runs no code of the user.
 */
export class Inspector {
  #session: InspectorSession | undefined;
  readonly #global = runInThisContext('globalThis') as Record<string, unknown>;

  /** The scopes, place and internal values of a function. */
  look(fn: object): Look {
    const slot: { value: unknown } = { value: fn };
    this.#global[slotName] = slot;
    try {
      const { result } = this.#post<{ result: RemoteObject }>('Runtime.evaluate', {
        expression: `${slotName}.value`,
        objectGroup,
      });
      const properties = this.#post<Properties>('Runtime.getProperties', {
        objectId: result.objectId,
        ownProperties: true,
      });
      return this.#read(slot, properties);
    } finally {
      delete this.#global[slotName];
      this.#post('Runtime.releaseObjectGroup', { objectGroup });
    }
  }

  /** Runs `read` while V8 tells all scripts to `parsed` and gives out their text. */
  withScripts(
    parsed: (script: ParsedScript) => void,
    read: (text: (scriptId: string) => string) => void,
  ): void {
    const session = this.#connected();
    const listener = (message: { params: object }): void => parsed(message.params as ParsedScript);
    session.on('Debugger.scriptParsed', listener);
    try {
      this.#post('Debugger.enable', {});
      read(
        (scriptId) =>
          this.#post<{ scriptSource: string }>('Debugger.getScriptSource', { scriptId })
            .scriptSource,
      );
    } finally {
      session.off('Debugger.scriptParsed', listener);
      this.#post('Debugger.disable', {});
    }
  }

  dispose(): void {
    this.#session?.disconnect();
    this.#session = undefined;
  }

  #read(slot: { value: unknown }, properties: Properties): Look {
    const internals = new Map(
      properties.internalProperties?.map(({ name, value }) => [name, value]),
    );
    const live = (of: RemoteObject | undefined): unknown => this.#live(slot, of);
    const scopes = live(internals.get('[[Scopes]]')) as ArrayLike<RawScope> | undefined;
    const target = internals.get('[[TargetFunction]]');
    const location = internals.get('[[FunctionLocation]]')?.value as Look['location'];
    return {
      scopes: Array.from(scopes ?? [], ({ description, object }) => ({
        description,
        variables: object,
      })),
      ...(location && { location }),
      ...(target && {
        bound: {
          target: live(target) as object,
          boundThis: live(internals.get('[[BoundThis]]')),
          boundArgs: Array.from(live(internals.get('[[BoundArgs]]')) as ArrayLike<unknown>),
        },
      }),
      privates: new Map(
        properties.privateProperties?.map(({ name, value }) => [name, live(value)]) ?? [],
      ),
    };
  }

  /** The value itself behind the inspector's description of it. */
  #live(slot: { value: unknown }, of: RemoteObject | undefined): unknown {
    if (of?.objectId === undefined) return primitiveOf(of);
    slot.value = undefined;
    this.#post('Runtime.callFunctionOn', {
      objectId: of.objectId,
      functionDeclaration: `function () { 'use strict'; ${slotName}.value = this }`,
    });
    return slot.value;
  }

  #connected(): InspectorSession {
    if (this.#session) return this.#session;
    try {
      const { Session } = require('node:inspector') as typeof import('node:inspector');
      const session = new Session();
      session.connect();
      this.#session = session;
      return session;
    } catch (cause) {
      throw new CaptureError(
        'remote()',
        'reading what a function uses needs the in-process inspector, which this Node refuses; ' +
          'under --permission, start it with --allow-inspector',
        { cause },
      );
    }
  }

  /** Sessions of the own thread answer before `post` returns. */
  #post<Answer>(method: string, parameters: object): Answer {
    let failure: Error | null = null;
    let answer: unknown;
    this.#connected().post(method, parameters, (error, result) => {
      failure = error;
      answer = result;
    });
    if (failure !== null) throw failureOf(method, failure);
    return answer as Answer;
  }
}

interface RawScope {
  readonly description: string;
  readonly object: object;
}

function primitiveOf(of: (RemoteObject & { unserializableValue?: string }) | undefined): unknown {
  const text = of?.unserializableValue;
  if (text === undefined) return of?.value;
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text);
}

function failureOf(method: string, failure: unknown): Error {
  return new Error(`the inspector refused ${method}: ${JSON.stringify(failure)}`);
}
