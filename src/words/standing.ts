import type { Failure } from '../domain/failure';
import type { PartnerRef } from '../domain/partner';
import type { Holding } from '../domain/partner-state';
import type { Phase } from '../domain/phase';
import type { Standing } from '../domain/standing';
import { type About, aboutOf } from './about';
import { type Filling, type Key, sentenceParts } from './words';

/** What fills a place of a sentence about a change; whoever shows it draws it. Times are milliseconds since the epoch. */
export type Place =
  | { readonly name: string }
  | { readonly partner: PartnerRef }
  | { readonly failure: Failure; readonly about: About }
  /** A moment soon or just past. */
  | { readonly moment: number }
  /** How long until then. */
  | { readonly until: number };

/** A whole sentence, in order: its own text, and what stands between. */
export type Said = readonly (string | Place)[];

/** `news`: it has just come so; `past`: it is said among what was long ago. */
export type Tense = 'news' | 'past';

type Named = Phase['phase'];
/** The phases of those names, so told that the compiler knows which words fit which. */
type PhaseOf<P extends Named> = { readonly [K in P]: Extract<Phase, { readonly phase: K }> & { readonly phase: K } }[P];
type Words = {
  readonly [P in Named]: (at: PhaseOf<P>, standing: Standing, tense: Tense) => readonly Said[];
};

const say = <K extends Key>(of: K, ...values: Filling<K, Place>): Said => sentenceParts<K, Place>(of, ...values);
const because = (failure: Failure, { target }: Standing): Said => [{ failure, about: aboutOf(target) }];
const busy = (_at: unknown, { kind }: Standing) => [say(kind === 'remove' ? 'standing.removing' : 'standing.saving')];

const WORDS: Words = {
  waiting: busy,
  sending: busy,
  retrying: ({ cause, goesOnAt }, standing) => [
    say('standing.stillTrying'),
    because(cause, standing),
    goesOnAt === null ? say('standing.attemptUnderWay') : say('standing.nextAttempt', { moment: { moment: goesOnAt } }),
  ],
  signIn: ({ cause }, standing) => [
    because(cause ?? { reason: 'signInNeeded' }, standing),
    say('standing.waitsForSignIn'),
  ],
  otherPerson: (_at, { askedBy, me, after, target }) => [
    ...(target.kind === 'signIn' ? [ofAccount(askedBy)] : ofPerson(askedBy, me)),
    // Nobody sends as their own what they do not see.
    after === null ? say('standing.removesPartner') : say('standing.setsPartner', { partner: { partner: after } }),
  ],
  noConnection: () => [say('standing.noConnection')],
  settling: ({ stopping, cause }, standing) => [
    say(stopping ? 'standing.stopping' : 'standing.settling'),
    ...(cause === null ? [] : [because(cause, standing)]),
  ],
  outcomeUnknown: ({ cause, goesOnAt, needsSignIn }, standing) => [
    say('standing.outcomeUnknown'),
    ...(cause === null ? [] : [because(cause, standing)]),
    needsSignIn ? say('standing.looksOnceSignedIn') : say('standing.looksAgain', { when: { until: goesOnAt } }),
  ],
  done: (_at, standing, tense) => (tense === 'past' ? [say('standing.done')] : doneWords(standing)),
  refused: ({ cause }, standing) => [say('standing.refused'), because(cause, standing)],
  unknown: ({ cause, found }, standing) => [
    say('standing.unknown'),
    because(cause, standing),
    ...(found === null ? [] : [heldBy(found, standing)]),
  ],
  conflict: ({ found: { partnerOfRecord }, answer }, { after, target }, tense) => {
    if (answer === 'overwritten') return [say('standing.overwritten')];
    const words = OF[target.kind];
    if (answer === 'kept') {
      if (tense === 'past') return [say('standing.wasKept')];
      return [
        partnerOfRecord === null ? say(words.keptNone) : say(words.kept, { partner: { partner: partnerOfRecord } }),
      ];
    }
    return [
      partnerOfRecord === null
        ? say(words.conflictRemoved)
        : say(words.conflict, { partner: { partner: partnerOfRecord } }),
      after === null ? say('standing.wantedNone') : say('standing.wanted', { partner: { partner: after } }),
    ];
  },
  cancelled: () => [say('standing.cancelled')],
};

function ofPerson(askedBy: string | null, me: string | null): readonly Said[] {
  return [
    askedBy === null ? say('standing.askedByUnknown') : say('standing.askedBy', { name: { name: askedBy } }),
    me === null ? say('standing.otherHere') : say('standing.signedInAs', { name: { name: me } }),
  ];
}

function ofAccount(askedBy: string | null): Said {
  return askedBy === null
    ? say('standing.link.otherAccountUnknown')
    : say('standing.link.otherAccount', { name: { name: askedBy } });
}

/** By what a change is of, the sentences that differ. */
const OF = {
  subscription: {
    undone: 'standing.undone',
    undoneToNone: 'standing.undoneToNone',
    changed: 'standing.changed',
    removed: 'standing.removed',
    thenPartner: 'standing.thenPartner',
    thenNone: 'standing.thenNone',
    conflict: 'standing.conflict',
    conflictRemoved: 'standing.conflictRemoved',
    kept: 'standing.kept',
    keptNone: 'standing.keptNone',
  },
  signIn: {
    undone: 'standing.link.undone',
    undoneToNone: 'standing.link.undoneToNone',
    changed: 'standing.link.changed',
    removed: 'standing.link.removed',
    thenPartner: 'standing.link.thenPartner',
    thenNone: 'standing.link.thenNone',
    conflict: 'standing.link.conflict',
    conflictRemoved: 'standing.link.conflictRemoved',
    kept: 'standing.link.kept',
    keptNone: 'standing.link.keptNone',
  },
} as const;

function heldBy({ partnerOfRecord }: Holding, { target }: Standing): Said {
  const words = OF[target.kind];
  return partnerOfRecord === null
    ? say(words.thenNone)
    : say(words.thenPartner, { partner: { partner: partnerOfRecord } });
}

function doneWords(standing: Standing): readonly Said[] {
  const { after, undoes, target } = standing;
  const words = OF[target.kind];
  const last = say(after === null ? words.removed : words.changed);
  if (undoes === undefined) return [...heldNow(standing), last];
  return [
    after === null ? say(words.undoneToNone) : say(words.undone, { name: { name: after.name ?? after.partnerId } }),
    last,
  ];
}

/** Who holds the target by what was done, and who does no more. */
function heldNow({ before, after, mails, target }: Standing): readonly Said[] {
  const isLink = target.kind === 'signIn';
  if (after !== null) {
    const told = mails === false ? 'standing.nowPartnerUntold' : 'standing.nowPartner';
    return [say(isLink ? 'standing.link.now' : told, { partner: { partner: after } })];
  }
  if (before === null) return [];
  const told = mails === false ? 'standing.noLongerPartnerUntold' : 'standing.noLongerPartner';
  return [say(isLink ? 'standing.link.noLonger' : told, { partner: { partner: before } })];
}

/**
 * Where a change stands, in words, the same on every screen: what happened, and what happens next. Only how a change that is
 * done, or was given up, reads depends on when it is said.
 */
export function standingWords(standing: Standing, tense: Tense): readonly Said[] {
  return wordsOf(standing.at, standing, tense);
}

// The phase chooses the words, and so the words fit the phase.
function wordsOf<P extends Named>(at: PhaseOf<P>, standing: Standing, tense: Tense): readonly Said[] {
  return WORDS[at.phase](at, standing, tense);
}
