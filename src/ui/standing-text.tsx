import { Fragment } from 'preact';
import type { Act, Standing } from '../domain/standing';
import { type Place, type Said, standingWords, type Tense } from '../words/standing';
import { t } from '../words/words';
import { Button } from './button';
import { FailureText } from './failure-text';
import { formatAge, formatSoon } from './format';
import { Name, PartnerName } from './partner-name';
import { Sentence } from './sentence';

interface StandingTextProps {
  readonly standing: Standing;
  readonly now: number;
  readonly tense?: Tense;
}

/** Where a change stands, in words: what happened, and what happens next. */
export function StandingText({ standing, now, tense = 'past' }: StandingTextProps) {
  return <SaidText sentences={standingWords(standing, tense)} now={now} />;
}

interface SaidTextProps {
  readonly sentences: readonly Said[];
  readonly now: number;
}

/** Sentences in a row. */
export function SaidText({ sentences, now }: SaidTextProps) {
  return (
    <>
      {sentences.map((sentence, at) => (
        <Fragment key={at}>
          {at > 0 && ' '}
          {sentence.map((part) => (typeof part === 'string' ? part : drawn(part, now)))}
        </Fragment>
      ))}
    </>
  );
}

function drawn(place: Place, now: number) {
  if ('partner' in place) return <PartnerName partner={place.partner} />;
  if ('name' in place) return <Name text={place.name} />;
  if ('failure' in place) return <FailureText failure={place.failure} about={place.about} />;
  return <bdi>{'until' in place ? formatAge(place.until, now) : formatSoon(place.moment, now)}</bdi>;
}

interface StandingActsProps {
  readonly standing: Pick<Standing, 'may' | 'target' | 'askedBy'>;
  readonly busy?: boolean;
  readonly onAct: (act: Act) => void;
}

/** A button for each thing that the person may do about a change. */
export function StandingActs({ standing, busy = false, onAct }: StandingActsProps) {
  const { may, target, askedBy } = standing;
  // For a change of a link nobody else may sign in than its account.
  const account = target.kind === 'signIn' ? askedBy : null;
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
          {act === 'signIn' && account !== null ? (
            <span>
              <Sentence of="link.signInAs" with={{ account: <Name text={account} /> }} />
            </span>
          ) : (
            t(`standing.acts.${act}`)
          )}
        </Button>
      ))}
    </>
  );
}
