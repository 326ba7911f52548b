import { stateOf } from '../../../src/domain/partner-state';
import { describe, expect, it } from 'vitest';
import {
  type Draft,
  draftAfter,
  EMPTY_DRAFT,
  isLineAlone,
  isNowForbidden,
  isUnfolded,
  type Known,
  whatIsShown,
} from '../../../src/content/panel-state';
import {
  asking,
  CHANGE_ID,
  changeOf,
  contoso,
  done,
  FOUND,
  fabrikam,
  known,
  NO_ANSWER,
  NOW,
  recordWith,
  viewOf,
  waiting,
} from './panel-states';

const NEXT_ID = 'c0ffee00-55c4-4d3e-8a2f-3d1c7a9e6b10';

describe('the draft after a newer view', () => {
  const typed = { ...EMPTY_DRAFT, typed: '1234567' };
  const saved = viewOf(recordWith(fabrikam), { change: changeOf('assign', done(fabrikam)) });

  it('loses the typed ID once that partner was saved, and only then', () => {
    expect(draftAfter(typed, viewOf(null, { change: changeOf('assign') }), saved).typed).toBe('');
    expect(draftAfter(typed, saved, saved).typed).toBe('1234567');
    expect(draftAfter({ ...typed, typed: '7654321' }, null, saved).typed).toBe('7654321');
    expect(draftAfter(typed, null, viewOf(null, { change: changeOf('assign', waiting({})) })).typed).toBe('1234567');
  });

  it('is no longer asking once the worker has the change', () => {
    const draft = { ...EMPTY_DRAFT, asked: asking(null) };
    expect(draftAfter(draft, null, viewOf(null, { change: changeOf('remove') })).asked).toBeNull();
    expect(
      draftAfter(draft, null, viewOf(null, { change: changeOf('remove', undefined, NEXT_ID) })).asked,
    ).not.toBeNull();
  });
});

describe('how a change ended', () => {
  const ended = viewOf(recordWith(fabrikam, { etag: '"8"' }), { change: changeOf('change', done(fabrikam)) });
  const endingAt = (openedAt: number) => {
    const shown = whatIsShown(known(ended, { openedAt }), EMPTY_DRAFT);
    return shown.state === 'read' ? shown.ending?.kind : shown.state;
  };

  it('is told to a panel that was there or came soon after, and is no news a day later', () => {
    expect(endingAt(NOW - 60_000)).toBe('done');
    expect(endingAt(NOW + 5 * 60_000)).toBe('done');
    expect(endingAt(NOW + 24 * 60 * 60_000)).toBeUndefined();
  });

  it.each(['refused', 'unknown'] as const)('tells an end that is %s and nobody has met yet, however old', (state) => {
    const life = { state, attempts: 1, endedAt: 1, failure: NO_ANSWER, found: null };
    const at = (seen: boolean) => {
      const view = viewOf(recordWith(null), { change: changeOf('assign', { ...life, seen }) });
      const shown = whatIsShown(known(view), EMPTY_DRAFT);
      return shown.state === 'read' && shown.ending?.kind;
    };
    expect(at(false)).toBe('failed');
    expect(at(true)).toBeUndefined();
  });

  it('offers the way back to the partner before, and none to who may not change it', () => {
    const undoOf = (canChangePartner: boolean) => {
      const record = recordWith(fabrikam, { etag: '"8"', caller: { role: 'Reader', canChangePartner } });
      const shown = whatIsShown(known({ ...ended, state: stateOf(record) }), EMPTY_DRAFT);
      return shown.state === 'read' && shown.ending?.kind === 'done'
        ? [shown.ending.mayUndo, shown.ending.standing.before?.partnerId]
        : undefined;
    };
    expect(undoOf(true)).toEqual([true, contoso.partnerId]);
    expect(undoOf(false)).toEqual([false, contoso.partnerId]);
  });
});

describe('who may not change the partner', () => {
  it('reads the service’s reason when the role alone would permit it', () => {
    const caller = { role: 'AccountAdministrator', canChangePartner: false, reason: 'Suspended.' } as const;
    const shown = whatIsShown(known(viewOf(recordWith(null, { caller }))), EMPTY_DRAFT);
    expect(shown.state === 'read' && shown.task).toEqual({ kind: 'notPermitted', role: null, reason: 'Suspended.' });
  });

  it('has no say over a conflict but to keep what was found', () => {
    const life = {
      state: 'conflict',
      attempts: 1,
      endedAt: NOW,
      found: { partnerOfRecord: contoso, version: '"9"' },
      answer: null,
    } as const;
    const record = recordWith(contoso, { caller: { role: 'Reader', canChangePartner: false } });
    const shown = whatIsShown(known(viewOf(record, { change: changeOf('assign', life) })), EMPTY_DRAFT);
    expect(shown.state === 'read' && shown.work).toMatchObject({
      kind: 'conflict',
      standing: { may: ['keep'] },
    });
  });
});

function read(known: Known, draft: Partial<Draft> = {}) {
  const shown = whatIsShown(known, { ...EMPTY_DRAFT, ...draft });
  if (shown.state !== 'read') throw new Error(`Nothing is read: ${shown.state}`);
  return shown;
}

describe('the line', () => {
  const at = (known: Known, draft: Partial<Draft> = {}) => {
    const shown = read(known, draft);
    return [isLineAlone(shown, 'sure'), isUnfolded(shown)];
  };
  const [folded, unfolded, told] = [
    [true, false],
    [false, true],
    [false, false],
  ];

  it('is alone where there is a partner, until the form is wanted', () => {
    expect(at(known(viewOf(recordWith(contoso))))).toEqual(folded);
    expect(at(known(viewOf(recordWith(contoso))), { unfolded: true })).toEqual(unfolded);
    expect(at(known(viewOf(recordWith(contoso))), { unfolded: false, typed: '123' })).toEqual(folded);
    // Somebody else has set a partner while they were typing.
    expect(at(known(viewOf(recordWith(contoso))), { typed: '123' })).toEqual(unfolded);
  });

  it('has the form below where there is none', () => {
    expect(at(known(viewOf(recordWith(null))))).toEqual(unfolded);
    expect(at(known(viewOf(recordWith(null))), { unfolded: false })).toEqual(folded);
  });

  it('is alone with somebody who may not change the partner: it says why', () => {
    const caller = { role: 'Reader', canChangePartner: false } as const;
    expect(at(known(viewOf(recordWith(null, { caller }))))).toEqual(folded);
  });

  it('is never alone while something needs a person or a change is open', () => {
    const open = [waiting({}), waiting({ for: 'signIn' }), waiting({ for: 'person' }), waiting({ for: 'connection' })];
    for (const life of open) {
      expect(at(known(viewOf(recordWith(contoso), { change: changeOf('change', life) })))).toEqual(told);
    }
    const failed = { state: 'refused', attempts: 1, endedAt: NOW, seen: false, failure: NO_ANSWER } as const;
    expect(at(known(viewOf(recordWith(contoso), { change: changeOf('change', failed) })))).toEqual(told);
    expect(at(known(viewOf(recordWith(contoso), { failure: NO_ANSWER })))).toEqual(told);
    expect(at(known(viewOf(recordWith(contoso))), { asked: asking('noAnswer') })).toEqual(told);
    expect(isLineAlone(read(known(viewOf(recordWith(contoso)))), 'unsure')).toBe(false);
  });
});

describe('what was asked here', () => {
  const record = recordWith(contoso);
  const saving = { typed: fabrikam.partnerId, check: { partnerId: fabrikam.partnerId, outcome: FOUND } };

  it('keeps its form in place, busy, on its way to the worker and from there on', () => {
    const busy = { kind: 'form', busy: true, form: { check: { kind: 'found', saves: 'change' } } };
    expect(read(known(viewOf(record)), { ...saving, asked: asking(null) }).task).toMatchObject(busy);
    for (const life of [undefined, waiting({})]) {
      const asked = known(viewOf(record, { change: changeOf('change', life) }));
      expect(read(asked, saving).task).toMatchObject(busy);
    }
  });

  it('keeps the question about a removal in place, busy', () => {
    const asked = known(viewOf(record, { change: changeOf('remove') }));
    expect(read(asked, { question: { asks: 'remove', mark: '"7"' } }).task).toEqual({
      kind: 'confirmRemoval',
      partner: contoso,
      busy: true,
    });
  });

  it('stays as it was asked while what it leads to is known already and its end is not', () => {
    const saved = known(viewOf(recordWith(fabrikam, { etag: '"8"' }), { change: changeOf('change') }));
    const busy = { kind: 'form', busy: true, form: { check: { kind: 'found', saves: 'change' } } };
    expect(read(saved, saving).task).toMatchObject(busy);
    const removed = known(viewOf(recordWith(null, { etag: '"8"' }), { change: changeOf('remove') }));
    expect(read(removed, { question: { asks: 'remove', mark: '"7"' } }).task).toMatchObject({
      kind: 'confirmRemoval',
      partner: contoso,
      busy: true,
    });
  });

  it('gives way to what needs the person', () => {
    const stuck = known(viewOf(record, { change: changeOf('change', waiting({ for: 'signIn' })) }));
    expect(read(stuck, saving).task).toEqual({ kind: 'nothing' });
  });

  it('is nothing that was asked in another tab', () => {
    const elsewhere = known(viewOf(record, { change: changeOf('change') }));
    expect(read(elsewhere).task).toEqual({ kind: 'nothing' });
    expect(read(elsewhere, { ...saving, typed: '7654321' }).task).toEqual({ kind: 'nothing' });
  });

  it('has its question answered once it ended', () => {
    const before = viewOf(record, { change: changeOf('remove') });
    const refused = { state: 'refused', attempts: 1, endedAt: NOW, seen: false, failure: NO_ANSWER } as const;
    const asked: Draft = { ...EMPTY_DRAFT, question: { asks: 'remove', mark: '"7"' } };
    expect(draftAfter(asked, before, viewOf(record, { change: changeOf('remove', waiting({})) })).question).toEqual(
      asked.question,
    );
    expect(draftAfter(asked, before, viewOf(record, { change: changeOf('remove', refused) })).question).toBeNull();
    // An end that was there before the question says nothing of it.
    const old = viewOf(record, { change: changeOf('remove', refused) });
    expect(draftAfter(asked, old, old).question).toEqual(asked.question);
  });
});

describe('what was told', () => {
  const saved = known(viewOf(recordWith(fabrikam, { etag: '"8"' }), { change: changeOf('change', done(fabrikam)) }));

  it('is past once the person does something else', () => {
    expect(read(saved).ending?.kind).toBe('done');
    expect(read(saved, { past: CHANGE_ID }).ending).toBeNull();
    expect(read(saved, { past: NEXT_ID }).ending?.kind).toBe('done');
  });

  it('of a change that took another one back offers no Undo', () => {
    const undone = { ...changeOf('change', done(fabrikam)), undoes: NEXT_ID };
    const view = viewOf(recordWith(fabrikam, { etag: '"8"' }), { change: undone });
    expect(read(known(view)).ending).toMatchObject({ kind: 'done', mayUndo: false });
  });

  it('folds the form away that was saved by, and not one in which something else was typed', () => {
    const before = viewOf(recordWith(contoso), { change: changeOf('change') });
    const leftOf = (typed: string) =>
      draftAfter({ ...EMPTY_DRAFT, unfolded: true, typed }, before, saved.view ?? before);
    expect(leftOf(fabrikam.partnerId)).toMatchObject({ typed: '', unfolded: null });
    expect(leftOf('7654321')).toMatchObject({ typed: '7654321', unfolded: true });
  });
});

describe('a conflict that is kept', () => {
  const found = { partnerOfRecord: contoso, version: '"9"' };
  const ended = { state: 'conflict', attempts: 1, endedAt: NOW, found } as const;
  const record = recordWith(contoso, { etag: '"9"' });
  const open = viewOf(record, { change: changeOf('change', { ...ended, answer: null }) });
  const kept = viewOf(record, { change: changeOf('change', { ...ended, answer: { kind: 'kept' } }) });

  it('is said to a panel that was there, and leaves an empty form', () => {
    const draft = draftAfter({ ...EMPTY_DRAFT, typed: '1234567', unfolded: true }, open, kept);
    expect(draft).toMatchObject({ typed: '', check: null, unfolded: null, kept: CHANGE_ID });
    expect(read(known(kept), draft).ending?.kind).toBe('ended');
    expect(read(known(kept), { ...draft, past: CHANGE_ID }).ending).toBeNull();
  });

  it('is no news to one that comes later', () => {
    expect(draftAfter(EMPTY_DRAFT, null, kept).kept).toBeNull();
    expect(read(known(kept)).ending).toBeNull();
  });
});

describe('a change refused for want of rights', () => {
  const refused = (status: number) => {
    const failure = { reason: 'refused', status, code: 'NotPermitted' } as const;
    const life = { state: 'refused', attempts: 1, endedAt: NOW, seen: false, failure } as const;
    return viewOf(recordWith(contoso), { change: changeOf('change', life) });
  };
  const before = viewOf(recordWith(contoso), { change: changeOf('change') });

  it('says once that the rights that were read hold no more', () => {
    expect(isNowForbidden(before, refused(403))).toBe(true);
    expect(isNowForbidden(viewOf(recordWith(contoso)), refused(403))).toBe(true);
    expect(isNowForbidden(refused(403), refused(403))).toBe(false);
    expect(isNowForbidden(before, refused(404))).toBe(false);
    expect(isNowForbidden(null, refused(403))).toBe(false);
  });
});

it('never says that no service is set up where the settings cannot be read', () => {
  const none = viewOf(null, { source: null });
  expect(whatIsShown(known(none), EMPTY_DRAFT)).toEqual({ state: 'notConfigured', unread: false });
  expect(whatIsShown(known({ ...none, settingsUnread: true }), EMPTY_DRAFT)).toEqual({
    state: 'notConfigured',
    unread: true,
  });
});
