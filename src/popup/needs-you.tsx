import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { countOutcomes, outcomeAt } from '../domain/batch';
import type { Settings } from '../domain/settings';
import type { Act, Standing } from '../domain/standing';
import { browser } from '../platform/browser';
import type { Attention } from '../storage/history';
import { Button } from '../ui/button';
import { Name, PartnerOf } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { StandingText } from '../ui/standing-text';
import { useKeptFocus } from '../ui/use-kept-focus';
import { useNow } from '../ui/use-now';
import { countsText } from '../words/batch';
import { t } from '../words/words';
import { ChangeActs } from './change-acts';
import { MadeElsewhere } from './made-elsewhere';
import { ManyChanges } from './many-changes';
import { servedPageOf } from './served-page';
import { SupportOf } from './support-of';

interface NeedsYouProps {
  readonly attention: Attention;
  /** Portals made many changes, and the person has not said that they know. */
  readonly manyChanges: boolean;
  /** Null while they are being read. */
  readonly settings: Settings | null;
  /** Something was done about one of them. */
  readonly onDone: (act: Done) => void;
}

/** What a person can do about what needs them. */
export type Done = Act | 'seen' | 'restore';

/** So many are before the person at once; the others come when asked for. */
const FIRST_SHOWN = 3;

/** All that the badge calls the person for, with what they may do about it. Nothing when the badge is empty. */
export function NeedsYou({ attention, manyChanges, settings, onDone }: NeedsYouProps) {
  const [isWhole, setWhole] = useState(false);
  const region = useKeptFocus();
  const now = useNow();
  const { standings, count, foreign, foreignCount } = attention;
  if (count === 0 && foreignCount === 0 && !manyChanges) return null;
  const items = together(standings);
  const shown = isWhole ? items : items.slice(0, FIRST_SHOWN);
  return (
    <section class="needs-you" aria-labelledby="needs-you" tabIndex={-1} ref={region}>
      <h2 id="needs-you" class="needs-you-title">
        {t('needsYou.title')}
      </h2>
      {manyChanges && <ManyChanges />}
      {shown.map((item) =>
        item.batch === null ? (
          <Needy key={item.standing.changeId} standing={item.standing} settings={settings} now={now} onDone={onDone} />
        ) : (
          <NeedyBatch key={item.batch} batch={item.batch} standings={item.standings} />
        ),
      )}
      {shown.length < items.length && (
        <Button kind="quiet" onPress={() => setWhole(true)}>
          {t('needsYou.showAll', { count })}
        </Button>
      )}
      <MadeElsewhere foreign={foreign} count={foreignCount} settings={settings} onDone={onDone} />
    </section>
  );
}

type Item =
  | { readonly batch: null; readonly standing: Standing }
  | { readonly batch: string; readonly standings: readonly Standing[] };

/** The changes of a batch as one item, in the place of the first of them. */
function together(standings: readonly Standing[]): readonly Item[] {
  const batches = new Map<string, Standing[]>();
  return standings.flatMap((standing): Item[] => {
    const { batch } = standing;
    if (batch === undefined) return [{ batch: null, standing }];
    const others = batches.get(batch);
    if (others !== undefined) {
      others.push(standing);
      return [];
    }
    const first = [standing];
    batches.set(batch, first);
    return [{ batch, standings: first }];
  });
}

interface NeedyBatchProps {
  readonly batch: string;
  /** Those of its changes that need the person. */
  readonly standings: readonly Standing[];
}

/** All of a batch that needs the person, and the way to where it is dealt with. */
function NeedyBatch({ batch, standings }: NeedyBatchProps) {
  const outcomes = standings.map(({ at }) => outcomeAt(at));
  const page = standings.some(({ target }) => target.kind === 'signIn') ? 'tenants' : 'subscriptions';
  return (
    <article class="needy card" aria-labelledby={`needy-${batch}`}>
      <h3 id={`needy-${batch}`} class="one-line">
        {t('needsYou.batch', { count: standings.length })}
      </h3>
      <p>{countsText(countOutcomes(outcomes))}</p>
      <p>
        <a href={browser.runtime.getURL(`src/${page}/index.html?batch=${batch}`)} target="_blank" rel="noreferrer">
          {t('needsYou.openBatch')}
        </a>
      </p>
    </article>
  );
}

interface NeedyProps extends Pick<NeedsYouProps, 'settings' | 'onDone'> {
  readonly standing: Standing;
  readonly now: number;
}

/** One change: where, from whom to whom, what is in its way, and what can be done. */
function Needy({ standing, settings, now, onDone }: NeedyProps) {
  const { targetName, changeId } = standing;
  const page = servedPageOf(standing, settings);
  return (
    <article class="needy card" aria-labelledby={`needy-${changeId}`}>
      <h3 id={`needy-${changeId}`} class="one-line">
        {page === null ? (
          <Name text={targetName} />
        ) : (
          <a href={page} target="_blank" rel="noreferrer">
            <Name text={targetName} />
          </a>
        )}
      </h3>
      <p>
        <StandingText standing={standing} now={now} />
      </p>
      {standing.at.phase === 'refused' && (
        <SupportOf connectionId={standing.target.connectionId} settings={settings} after={standing.at.cause} />
      )}
      {!saysWhatWasAsked(standing) && <p class="small muted">{askedText(standing)}</p>}
      <ChangeActs standing={standing} offersSeen onDone={onDone} />
    </article>
  );
}

const isOthers = ({ askedBy, me, at }: Standing) =>
  askedBy !== null && (at.phase === 'otherPerson' || (me !== null && askedBy !== me));

/** The words of a conflict name what the person asked for, so that it is not said twice. */
const saysWhatWasAsked = (standing: Standing) => standing.at.phase === 'conflict' && !isOthers(standing);

/** What was asked, and by whom where that is known to be somebody else than who is here. */
function askedText(standing: Standing): ComponentChildren {
  const { kind, before, after, askedBy, target } = standing;
  const partners = {
    before: <PartnerOf target={target} partner={before} />,
    after: <PartnerOf target={target} partner={after} />,
  };
  if (askedBy === null || !isOthers(standing)) return <Sentence of={`needsYou.asked.${kind}`} with={partners} />;
  return <Sentence of={`needsYou.askedByOther.${kind}`} with={{ ...partners, person: <Name text={askedBy} /> }} />;
}
