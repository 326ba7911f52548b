import { beforeEach, expect, test, vi } from 'vitest';
import { askToFollow } from '../../../src/messaging/follow-up';
import { uuid } from '../../support/targets';

interface Sent {
  readonly name: string;
  readonly input: { readonly id: string; readonly batchId: string };
}

const fake = vi.hoisted(() => ({ sendMessage: async (_sent: unknown): Promise<unknown> => undefined }));
vi.mock('../../../src/platform/browser', () => ({
  browser: { runtime: { id: 'ours', sendMessage: (sent: unknown) => fake.sendMessage(sent) } },
}));

let sent: Sent[];
let answers: boolean;

beforeEach(() => {
  sent = [];
  answers = true;
  fake.sendMessage = async (message) => {
    sent.push(message as Sent);
    return answers ? { ok: true, answer: { ok: false, problem: 'notThere' } } : undefined;
  };
});

test.each(['undo', 'retry', 'overwrite', 'keep'] as const)(
  '%s that got no answer is asked for again under the same ID, and is another one after an answer',
  async (what) => {
    answers = false;
    await expect(askToFollow(what, uuid(1))).rejects.toThrow('No answer');
    answers = true;
    const again = await askToFollow(what, uuid(1));
    const next = await askToFollow(what, uuid(1));
    const ids = sent.map(({ input }) => input.id);
    expect(ids).toEqual([again.id, again.id, next.id]);
    expect(next.id).not.toBe(again.id);
  },
);

test('what is asked for about two batches has an ID for each', async () => {
  answers = false;
  for (const batch of [1, 2]) await expect(askToFollow('undo', uuid(batch))).rejects.toThrow('No answer');
  expect(new Set(sent.map(({ input }) => input.id)).size).toBe(2);
});
