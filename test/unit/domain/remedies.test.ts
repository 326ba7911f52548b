import { describe, expect, test } from 'vitest';
import { FAILURE_REASONS } from '../../../src/domain/failure';
import { remediesFor } from '../../../src/domain/remedies';

describe('What may help after a failure', () => {
  test.each(FAILURE_REASONS)('is something: %s', (reason) => {
    expect(remediesFor({ reason }).length).toBeGreaterThan(0);
  });

  test('is never to try again what fails until something else is done', () => {
    for (const reason of ['notConfigured', 'permissionMissing', 'signInNeeded'] as const)
      expect(remediesFor({ reason })).not.toContain('tryAgain');
  });

  test('is more than to try again where the service can’t be reached', () => {
    expect(remediesFor({ reason: 'noAnswer' })).toEqual(['tryAgain', 'testConnection']);
  });

  test('is a request to whoever runs the service where that does not know the subscription', () => {
    expect(remediesFor({ reason: 'refused', code: 'SubscriptionNotFound' })).toEqual(['copyRequest', 'tryAgain']);
    expect(remediesFor({ reason: 'refused', code: 'NotPermitted' })).toEqual(['tryAgain']);
  });

  test('is to try again where the extension itself failed', () => {
    expect(remediesFor(null)).toEqual(['tryAgain']);
  });
});
