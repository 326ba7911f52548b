import { LIMIT_MS, within } from '../../within';

/** How much longer than a time-out of its own a call may take before it is given up. */
const GRACE_MS = 5000;

/** Methods whose functions are called here, with objects of Playwright's; the others' are sent to the browser as text. */
const LISTENING = new Set<string>(['on', 'once', 'off', 'addListener', 'removeListener', 'route', 'unroute']);

const originals = new WeakMap<object, object>();
const proxies = new WeakMap<object, object>();
const listeners = new WeakMap<object, (...args: unknown[]) => unknown>();

/**
 * The same object of Playwright's with a limit for every call of it and of all that it gives out. Playwright 1.65 has none for
 * most: what goes to a target that is gone waits for ever, such as `context.setOffline` and `worker.evaluate` while a worker is
 * dead. A call that has a time-out of its own keeps it, and 0 still means as long as it takes.
 */
export function limited<T extends object>(thing: T): T {
  const target = originalOf(thing);
  const known = proxies.get(target);
  if (known !== undefined) return known as T;
  const proxy = new Proxy(target, {
    get(_target, key) {
      const value: unknown = Reflect.get(target, key, target);
      // Its own fields, which other objects of Playwright's look at, stay as they are.
      if (typeof key === 'symbol' || key.startsWith('_') || key === 'constructor') return value;
      if (typeof value !== 'function') return wrapped(value);
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(value, target, passedTo(key, args));
        if (!(result instanceof Promise)) return wrapped(result);
        const limit = limitOf(args);
        return (limit === null ? result : within(callOf(target, key, args), result, limit)).then(wrapped);
      };
    },
  });
  originals.set(proxy, target);
  proxies.set(target, proxy);
  return proxy;
}

function wrapped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(wrapped);
  return isPlaywrights(value) ? limited(value) : value;
}

function passedTo(method: string, args: readonly unknown[]): unknown[] {
  return args.map((arg) => (typeof arg === 'function' && LISTENING.has(method) ? listenerOf(arg) : originalOf(arg)));
}

/** A listener that is given limited objects too; the same for the same one, so that it can be taken off again. */
function listenerOf(listener: object): unknown {
  const known = listeners.get(listener);
  if (known !== undefined) return known;
  const wrapping = (...args: unknown[]): unknown =>
    typeof listener === 'function' ? Reflect.apply(listener, undefined, args.map(wrapped)) : undefined;
  listeners.set(listener, wrapping);
  return wrapping;
}

function originalOf<T>(value: T): T {
  return typeof value === 'object' && value !== null ? ((originals.get(value) ?? value) as T) : value;
}

/** Playwright's objects are told by their class and by fields of their own that begin with an underscore. */
function isPlaywrights(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== Object.prototype && prototype !== null && Object.keys(value).some((key) => key.startsWith('_'));
}

/** The limit of one call: null for a call that may take as long as it likes. */
function limitOf(args: readonly unknown[]): number | null {
  const last = args.at(-1);
  const own = typeof last === 'object' && last !== null && 'timeout' in last ? last.timeout : undefined;
  if (own === 0) return null;
  return typeof own === 'number' ? Math.max(LIMIT_MS, own + GRACE_MS) : LIMIT_MS;
}

/** A call in words, such as `BrowserContext.setOffline(true)` and where it was made. */
function callOf(target: object, method: string, args: readonly unknown[]): string {
  // The bundle of Playwright adds an underscore or a number to the names of its classes.
  const kind = target.constructor.name.replace(/^_|\d+$/g, '');
  const told = args.map((arg) => {
    if (typeof arg === 'function') return 'a function';
    return typeof arg === 'object' ? '…' : JSON.stringify(arg)?.slice(0, 100);
  });
  const where = 'url' in target && typeof target.url === 'function' ? ` on ${target.url()}` : '';
  return `${kind}.${method}(${told.join(', ')})${where} to come back`;
}
