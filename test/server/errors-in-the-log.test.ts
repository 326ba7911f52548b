import { describe, expect, it } from 'vitest';
import { asLoss } from '../../server/src/database/away';
import { logged, loggedTrouble } from '../../server/src/errors-in-the-log';

describe('an error in the log', () => {
  it.each([
    [
      'a connection that was lost',
      asLoss(new Error('Connection terminated unexpectedly')),
      'Connection terminated unexpectedly',
    ],
    [
      'a server that shuts down',
      Object.assign(new Error('terminating connection'), { code: '57P01' }),
      'terminating connection',
    ],
    [
      'a server that nobody finds',
      Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
      'connect ECONNREFUSED',
    ],
  ])('is told in words alone when it is %s', (_what, error, words) => {
    expect(logged(error)).toEqual({ error: words });
  });

  it('is told with where it came from when the program may be at fault', () => {
    const error = new TypeError('x is not a function');
    expect(logged(error)).toEqual({ err: error });
  });

  it('has the words of what it came of, each once, when somebody else is at fault', () => {
    const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');
    expect(loggedTrouble(new TypeError('fetch failed', { cause: refused }))).toEqual({
      error: 'fetch failed: connect ECONNREFUSED 127.0.0.1:1',
    });
    expect(loggedTrouble(new Error('same', { cause: new Error('same') }))).toEqual({ error: 'same' });
    expect(loggedTrouble('words')).toEqual({ error: 'words' });
    expect(loggedTrouble(new AggregateError([refused, new Error('connect ECONNREFUSED ::1:1')]))).toEqual({
      error: 'connect ECONNREFUSED 127.0.0.1:1: connect ECONNREFUSED ::1:1',
    });
  });
});
