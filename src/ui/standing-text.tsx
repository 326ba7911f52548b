import type { ComponentChildren } from 'preact';
import type { Act, Phase, Standing } from '../domain/standing';
import { Button } from './button';
import { formatSoon } from './format';
import { Name, PartnerName } from './partner-name';
import { failureText } from '../words/failure';
import { t } from '../words/words';

type Words = {
  readonly [P in Phase['phase']]: (
    at: Extract<Phase, { readonly phase: P }>,
    standing: Standing,
    now: number,
  ) => ComponentChildren;
};

const busy = (_at: unknown, { kind }: Standing) => (kind === 'remove' ? t('standing.removing') : t('standing.saving'));

const WORDS: Words = {
  waiting: busy,
  sending: busy,
  retrying: ({ cause, goesOnAt }, _standing, now) => (
    <>
      <strong>{t('standing.stillTrying')}</strong> {failureText(cause)}{' '}
      {goesOnAt === null
        ? t('standing.attemptUnderWay')
        : t('standing.nextAttempt', { moment: formatSoon(goesOnAt, now) })}
    </>
  ),
  signIn: ({ cause }) => failureText(cause ?? { reason: 'signInNeeded' }),
  otherPerson: (_at, { askedBy, me, after }) => (
    <>
      {askedBy === null ? (
        t('standing.askedByUnknown')
      ) : (
        <>
          {t('standing.askedBy')} <Name text={askedBy} />.
        </>
      )}{' '}
      {me === null ? (
        t('standing.otherHere')
      ) : (
        <>
          {t('standing.signedInAs')} <Name text={me} />.
        </>
      )}{' '}
      {/* Nobody sends as their own what they do not see. */}
      {after === null ? (
        t('standing.removesPartner')
      ) : (
        <>
          {t('standing.setsPartner')} <PartnerName partner={after} />.
        </>
      )}
    </>
  ),
  noConnection: () => t('standing.noConnection'),
  settling: ({ stopping }) => (stopping ? t('standing.stopping') : t('standing.settling')),
  outcomeUnknown: ({ cause, goesOnAt, needsSignIn }, _standing, now) => (
    <>
      {t('standing.outcomeUnknown')} {cause !== null && failureText(cause)}{' '}
      {!needsSignIn && t('standing.nextLook', { moment: formatSoon(goesOnAt, now) })}
    </>
  ),
  done: () => t('standing.done'),
  refused: ({ cause }) => failureText(cause),
  unknown: ({ cause }) => (
    <>
      {t('standing.unknown')} {failureText(cause)}
    </>
  ),
  conflict: ({ found: { partnerOfRecord }, answer }) => {
    if (answer !== null) return t(`standing.conflictAnswers.${answer}`);
    if (partnerOfRecord === null) return t('standing.conflictRemoved');
    return (
      <>
        {t('standing.conflict')} <PartnerName partner={partnerOfRecord} />
      </>
    );
  },
  cancelled: () => t('standing.cancelled'),
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
          {t(`standing.acts.${act}`)}
        </Button>
      ))}
    </>
  );
}
