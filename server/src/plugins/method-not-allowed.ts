import type { FastifyInstance } from 'fastify';
import { Refusal } from '../refusal';
import { REFUSALS } from '../refusals';

/**
 * Answers 405 with `Allow` to the methods that a known path does not take. Call it before the routes are declared, and what
 * it returns after them.
 */
export function watchMethods(app: FastifyInstance): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    // The one that takes every page's question whether it may call: an address of its own it is not.
    if (url === '*') return;
    const methods = taken.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    taken.set(url, methods);
  });

  return () => {
    for (const [url, methods] of [...taken]) {
      const allow = [...methods].join(', ');
      app.route({
        url,
        method: app.supportedMethods.filter((method) => !methods.has(method)),
        exposeHeadRoute: false,
        // As a hook it comes before the body is read, which no such method needs.
        onRequest: async () => {
          const sentence = REFUSALS.MethodNotAllowed.because.takes(allow);
          throw new Refusal('MethodNotAllowed', { sentence, headers: { allow } });
        },
        handler: async () => undefined,
      });
    }
  };
}
