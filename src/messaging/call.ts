import { StorageError } from '../domain/storage-problem';
import { browser } from '../platform/browser';
import type { Crossing, Envelope, MessageAnswer, MessageInput, MessageName } from './protocol';

/**
 * Why the worker did not answer a message. `gone`: this script belongs to a version of the extension that was replaced.
 * `storage`: the worker's storage does not do its part, and the error's cause says why.
 */
export class CallError extends Error {
  constructor(
    readonly problem: 'notAllowed' | 'badInput' | 'failed' | 'gone' | 'storage',
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = 'CallError';
  }
}

/**
 * Sends a message to the worker and answers what the worker answers.
 * @throws {CallError} when the worker refuses it, fails over it, or is not there any more.
 */
export async function call<N extends MessageName>(name: N, input: MessageInput<N>): Promise<MessageAnswer<N>> {
  const envelope: Envelope<N> = { name, input };
  let crossing: Crossing<MessageAnswer<N>> | undefined;
  try {
    crossing = await browser.runtime.sendMessage(envelope);
  } catch (cause) {
    throw new CallError(isGone() ? 'gone' : 'failed', cause instanceof Error ? cause.message : String(cause));
  }
  // Nobody answered: a page that is closing, or a worker that ended in the middle.
  if (crossing === undefined || crossing === null) throw new CallError(isGone() ? 'gone' : 'failed', 'No answer');
  if (crossing.ok) return crossing.answer;
  const { problem, detail } = crossing;
  throw new CallError(problem, detail, problem === 'storage' ? { cause: new StorageError(detail, detail) } : {});
}

/** Whether the extension was updated or removed under this script, so that nothing can be called any more. */
export function isGone(): boolean {
  try {
    return browser.runtime?.id === undefined;
  } catch {
    // Chromium 156 answers undefined and Firefox 153 ends the scripts of a replaced version; where one lives and may not ask, it is gone.
    return true;
  }
}
