import type { ComponentChildren } from 'preact';
import type { Act, Phase, Standing } from '../domain/standing';
import { Button } from './button';
import { formatSoon } from './format';
import { Name, PartnerName } from './partner-name';
import { failureText, STANDING } from './strings';

type Words = {
  readonly [P in Phase['phase']]: (
    at: Extract<Phase, { readonly phase: P }>,
    standing: Standing,
    now: number,
  ) => ComponentChildren;
};

const busy = (_at: unknown, { kind }: Standing) => (kind === 'remove' ? STANDING.removing : STANDING.saving);

const WORDS: Words = {
  waiting: busy,
  sending: busy,
  retrying: ({ cause, goesOnAt }, _standing, now) => (
    <>
      <strong>{STANDING.stillTrying}</strong> {failureText(cause)}{' '}
      {goesOnAt === null ? STANDING.attemptUnderWay : STANDING.nextAttempt(formatSoon(goesOnAt, now))}
    </>
  ),
  signIn: ({ cause }) => failureText(cause ?? { reason: 'signInNeeded' }),
  otherPerson: (_at, { askedBy, me, after }) => (
    <>
      {askedBy === null ? (
        STANDING.askedByUnknown
      ) : (
        <>
          {STANDING.askedBy} <Name text={askedBy} />.
        </>
      )}{' '}
      {me === null ? (
        STANDING.otherHere
      ) : (
        <>
          {STANDING.signedInAs} <Name text={me} />.
        </>
      )}{' '}
      {/* Nobody sends as their own what they do not see. */}
      {after === null ? (
        STANDING.removesPartner
      ) : (
        <>
          {STANDING.setsPartner} <PartnerName partner={after} />.
        </>
      )}
    </>
  ),
  noConnection: () => STANDING.noConnection,
  settling: ({ stopping }) => (stopping ? STANDING.stopping : STANDING.settling),
  outcomeUnknown: ({ cause, goesOnAt, needsSignIn }, _standing, now) => (
    <>
      {STANDING.outcomeUnknown} {cause !== null && failureText(cause)}{' '}
      {!needsSignIn && STANDING.nextLook(formatSoon(goesOnAt, now))}
    </>
  ),
  done: () => STANDING.done,
  refused: ({ cause }) => failureText(cause),
  unknown: ({ cause }) => (
    <>
      {STANDING.unknown} {failureText(cause)}
    </>
  ),
  conflict: ({ found: { partnerOfRecord }, answer }) => {
    if (answer !== null) return STANDING.conflictAnswers[answer];
    if (partnerOfRecord === null) return STANDING.conflictRemoved;
    return (
      <>
        {STANDING.conflict} <PartnerName partner={partnerOfRecord} />
      </>
    );
  },
  cancelled: () => STANDING.cancelled,
};

/** Where a change stands, in words: what happened, and what happens next. */
export function StandingText({ standing, now }: { readonly standing: Standing; readonly now: number }) {
  return <>{wordsOf(standing.at, standing, now)}</>;
}

// The phase chooses the words, and so the words fit the phase.
function wordsOf<P extends Phase['phase']>(
  at: Extract<Phase, { readonly phase: P }>,
  standing: Standing,
  now: number,
): ComponentChildren {
  const words: Words[P] = WORDS[at.phase as P];
  return words(at, standing, now);
}

interface StandingActsProps {
  readonly may: readonly Act[];
  readonly busy?: boolean;
  readonly onAct: (act: Act) => void;
}

/** A button for each thing that the person may do about a change. */
export function StandingActs({ may, busy = false, onAct }: StandingActsProps) {
  return (
    <>
      {may.map((act) => (
        <Button
          key={act}
          kind={act === 'signIn' ? 'primary' : 'plain'}
          weight={act === 'signIn' ? 'free' : 'changes'}
          busy={busy}
          onPress={() => onAct(act)}
        >
          {STANDING.acts[act]}
        </Button>
      ))}
    </>
  );
}
