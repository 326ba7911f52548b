import { beforeEach, describe, expect, test, vi } from 'vitest';
import { storageProblemIn } from '../../../src/domain/storage-problem';
import { CallError, call, isGone } from '../../../src/messaging/call';

const fake = vi.hoisted(() => ({
  runtime: {} as { id?: string; sendMessage?: (message: unknown) => Promise<unknown> },
}));
vi.mock('../../../src/platform/browser', () => ({
  browser: {
    get runtime() {
      return fake.runtime;
    },
  },
}));

let sent: unknown[];

/** A worker that answers so. */
function answering(answer: () => Promise<unknown>, id: string | undefined = 'ownextension'): void {
  fake.runtime = {
    ...(id === undefined ? {} : { id }),
    sendMessage: (message) => {
      sent.push(message);
      return answer();
    },
  };
}

beforeEach(() => {
  sent = [];
});

async function problem(): Promise<string> {
  const caught: unknown = await call('panel.start', {}).catch((cause: unknown) => cause);
  return caught instanceof CallError ? `${caught.problem}: ${caught.message}` : String(caught);
}

test('a message crosses with its name and input, and comes back as its answer', async () => {
  answering(async () => ({ ok: true, answer: null }));
  expect(await call('options.open', {})).toBeNull();
  expect(sent).toEqual([{ name: 'options.open', input: {} }]);
});

describe('a call that is not answered says why', () => {
  test.each(['notAllowed', 'badInput', 'failed'])('the worker says %s', async (says) => {
    answering(async () => ({ ok: false, problem: says, detail: 'Because' }));
    expect(await problem()).toBe(`${says}: Because`);
  });

  test('the worker’s storage does not do its part, and the cause says how', async () => {
    answering(async () => ({ ok: false, problem: 'storage', detail: 'blocked' }));
    const caught: unknown = await call('panel.start', {}).catch((cause: unknown) => cause);
    expect(caught).toBeInstanceOf(CallError);
    expect(storageProblemIn(caught)).toBe('blocked');
  });

  test.each([undefined, null])('nobody answers: %s', async (nothing) => {
    answering(async () => nothing);
    expect(await problem()).toBe('failed: No answer');
  });

  test('the worker is not there', async () => {
    answering(() => Promise.reject(new Error('Could not establish connection')));
    expect(await problem()).toBe('failed: Could not establish connection');
  });

  test('this script belongs to a version that was replaced', async () => {
    fake.runtime = { sendMessage: () => Promise.reject(new Error('Extension context invalidated.')) };
    expect(await problem()).toBe('gone: Extension context invalidated.');
    fake.runtime = { sendMessage: async () => undefined };
    expect(await problem()).toBe('gone: No answer');
  });

  test('even touching the API throws', async () => {
    fake.runtime = {
      get id(): string {
        throw new Error('dead object');
      },
    };
    expect(isGone()).toBe(true);
    expect(await problem()).toMatch(/^gone: /);
  });
});
