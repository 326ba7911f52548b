import { visibleText } from '../domain/visible-text';
import { formatCount } from '../ui/format';
import { t } from '../words/words';
import type { PartnerCount, Summary } from './summary';
import type { View } from './view';

interface SummaryRegionProps {
  readonly summary: Summary;
  readonly view: View;
  readonly onChange: (change: Partial<View>) => void;
}

/** So many partners have a part of their own in the bar. */
const PARTS = 6;

/** Who is on how many of the subscriptions that the other filters let through, in numbers and as a bar. */
export function SummaryRegion({ summary, view, onChange }: SummaryRegionProps) {
  const { withPartner, without, unknown, partners } = summary;
  const named = partners.slice(0, PARTS);
  const rest = partners.slice(PARTS);
  const restCount = rest.reduce((sum, { count }) => sum + count, 0);
  return (
    <section class="summary card" aria-label={t('subscriptions.summary.title')}>
      <dl class="summary-numbers">
        <Figure count={withPartner} words={t('subscriptions.summary.with')} />
        <Figure count={without} words={t('subscriptions.summary.without')} />
        {unknown > 0 && <Figure count={unknown} words={t('subscriptions.summary.unknown')} />}
      </dl>
      {named.length > 0 && (
        <ul class="bar" aria-label={t('subscriptions.summary.byPartner')}>
          {named.map((partner, at) => (
            <Part
              key={partner.partnerId}
              {...{ partner, at }}
              isChosen={view.partnerId === partner.partnerId}
              onPress={(partnerId) => onChange({ partnerId: view.partnerId === partnerId ? null : partnerId })}
            />
          ))}
          {rest.length > 0 && (
            <li class="part part-rest" style={{ flexGrow: restCount }}>
              <span class="part-words">
                <span class="part-name">{t('subscriptions.summary.more', { count: rest.length })}</span>
                <span class="part-count">{formatCount(restCount)}</span>
              </span>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

function Figure({ count, words }: { readonly count: number; readonly words: string }) {
  return (
    <div class="figure">
      <dt class="muted small">{words}</dt>
      <dd class="figure-count">{formatCount(count)}</dd>
    </div>
  );
}

interface PartProps {
  readonly partner: PartnerCount;
  readonly at: number;
  readonly isChosen: boolean;
  readonly onPress: (partnerId: string) => void;
}

function Part({ partner: { partnerId, name, count }, at, isChosen, onPress }: PartProps) {
  const shown = visibleText(name ?? partnerId);
  const whole = t('subscriptions.summary.part', { partner: name === null ? shown : `${shown} (${partnerId})`, count });
  return (
    <li class={`part part-${at}`} style={{ flexGrow: count }}>
      <button
        type="button"
        class="part-button"
        aria-pressed={isChosen}
        title={whole}
        onClick={() => onPress(partnerId)}
      >
        <span class="part-words">
          <span class="part-name">
            <bdi>{shown}</bdi>
          </span>{' '}
          <span class="part-count">{formatCount(count)}</span>
        </span>
      </button>
    </li>
  );
}
