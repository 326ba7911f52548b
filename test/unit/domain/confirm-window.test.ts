import { describe, expect, it } from 'vitest';
import { type ConfirmWindow, LONGEST_TYPED, typedForWindow, windowFor } from '../../../src/domain/confirm-window';
import { subscriptionId, uuid } from '../../support/targets';

const ONE = { subscriptionId: subscriptionId('one') };
const OTHER = { subscriptionId: subscriptionId('other') };
const ONE_ELSEWHERE = { ...ONE, connectionId: uuid(2) };
const about = (underWay: boolean): ConfirmWindow => ({
  subject: { ...ONE, id: uuid(1), typed: '' },
  windowId: 7,
  underWay,
});

describe('The window to confirm in, asked for', () => {
  it.each([
    ['while there is none is opened', null, ONE, 'open'],
    ['for the same subscription is only brought to the front', about(false), ONE, 'focus'],
    ['for the same, with something under way, likewise', about(true), ONE, 'focus'],
    ['for another is another window where nothing is under way', about(false), OTHER, 'open'],
    ['for the same at another connection is another window', about(false), ONE_ELSEWHERE, 'open'],
    ['for another stays as it is where something is under way', about(true), OTHER, 'busy'],
  ] as const)('%s', (_, present, asked, what) => {
    expect(windowFor(present, asked)).toBe(what);
  });
});

describe('What was typed goes into that window', () => {
  it.each([
    ['as it is', ' 4852013', '4852013'],
    ['as one line', '12345\n67890', '12345 67890'],
    ['as one line, whatever ends it', '12345\u2028\u000067890', '12345 67890'],
    ['whole or not at all', `${'x'.repeat(LONGEST_TYPED - 10)}12345678901`, ''],
    ['without the spaces before it', `${' '.repeat(LONGEST_TYPED)}12345678901`, '12345678901'],
  ])('%s', (_how, typed, taken) => {
    expect(typedForWindow(typed)).toBe(taken);
  });
});
