import type { Batch, BatchProgress } from '../domain/batch';
import { mayBeSamePerson, nameOfPerson, type Person } from '../domain/person';
import { t } from '../words/words';
import { Button } from './button';
import { Notice } from './notice';
import { Name } from './partner-name';
import { Sentence } from './sentence';

interface BatchOfOtherProps {
  readonly batch: Batch;
  readonly progress: BatchProgress;
  /** Who is signed in at its connection; null when nobody is, or nobody knows who. */
  readonly me: Person | null;
  readonly busy: boolean;
  /** @param name the name under which they were shown */
  readonly onSendAsMe: (name: string | null) => void;
  readonly onDiscard: () => void;
}

/**
 * Who asked for a batch that waits because somebody else has signed in; null where it does not wait for that. Their `name` is null
 * where nobody knows it.
 */
export function otherAsker({ person }: Batch, { ended, sentAs }: BatchProgress, me: Person | null) {
  const sender = sentAs ?? person;
  if (ended || me === null) return null;
  // A token of nobody yet known may be theirs: what is sent next finds out.
  return sender !== null && mayBeSamePerson(me, sender) ? null : { name: sender && nameOfPerson(sender) };
}

/** Whose a batch is that waits since somebody else has signed in, and what may become of it. Nothing where it is one's own. */
export function BatchOfOther({ batch, progress, me, busy, onSendAsMe, onDiscard }: BatchOfOtherProps) {
  const asker = otherAsker(batch, progress, me);
  if (asker === null) return null;
  const { name } = asker;
  return (
    <Notice
      role="alert"
      tone="warn"
      actions={
        <>
          <Button busy={busy} onPress={() => onSendAsMe(me && nameOfPerson(me))}>
            {t('standing.acts.sendAsMe')}
          </Button>
          <Button busy={busy} onPress={onDiscard}>
            {t('standing.acts.discard')}
          </Button>
        </>
      }
    >
      {name === null ? (
        t('standing.askedByUnknown')
      ) : (
        <Sentence of="standing.askedBy" with={{ name: <Name text={name} /> }} />
      )}{' '}
      {t('standing.otherHere')} {t('batch.otherWaits')}
    </Notice>
  );
}
