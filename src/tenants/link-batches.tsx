import { useEffect, useRef } from 'preact/hooks';
import type { Batch } from '../domain/batch';
import { visibleText } from '../domain/visible-text';
import { asksAbout } from '../messaging/follow-up';
import type { TenantRow } from '../messaging/protocol';
import { BatchActs } from '../ui/batch-acts';
import { Button } from '../ui/button';
import { PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { useUniqueId } from '../ui/use-unique-id';
import { countTexts, firstOf } from '../words/batch';
import { listed, t } from '../words/words';
import type { ShownBatch } from './use-link-batches';

interface LinkBatchesProps {
  readonly shown: readonly ShownBatch[];
  readonly rows: readonly TenantRow[];
  readonly nameOf: (row: TenantRow) => string;
  /** The IDs of those that were asked for here. */
  readonly asked: readonly string[];
  readonly onAsked: (batchId: string) => void;
  readonly onDismiss: (batchId: string) => void;
}

/** How far what was asked for in many tenants is, and what can be done about it. */
export function LinkBatches({ shown, rows, nameOf, asked, onAsked, onDismiss }: LinkBatchesProps) {
  if (shown.length === 0) return null;
  return (
    <section class="stack" aria-label={t('tenants.batch.list')}>
      {shown.map((one) => (
        <Card
          key={one.batch.id}
          shown={one}
          rows={rows.filter(({ view: { standing } }) => standing?.batch === one.batch.id)}
          followed={new Set(shown.flatMap(({ batch }) => (batch.of === one.batch.id ? [batch.kind] : [])))}
          {...{ nameOf, onAsked }}
          isNew={asked.includes(one.batch.id)}
          onDismiss={() => onDismiss(one.batch.id)}
        />
      ))}
    </section>
  );
}

interface CardProps extends Pick<LinkBatchesProps, 'rows' | 'nameOf' | 'onAsked'> {
  readonly shown: ShownBatch;
  readonly followed: ReadonlySet<Batch['kind']>;
  readonly isNew: boolean;
  readonly onDismiss: () => void;
}

function Card({ shown: { batch, progress }, rows, followed, nameOf, isNew, onAsked, onDismiss }: CardProps) {
  const { counts, size, ended, stopped } = progress;
  const id = useUniqueId();
  const heading = useRef<HTMLHeadingElement>(null);
  // What was pressed is gone with the selection.
  useEffect(() => {
    if (isNew) heading.current?.focus();
  }, []);
  const texts = countTexts(counts, ['done', 'refused']);
  const waiting = rows.filter(({ view }) => view.standing?.at.phase === 'signIn').length;
  const refused = rows.filter(({ view }) => view.standing?.at.phase === 'refused');
  return (
    <article class="batch card stack-tight" aria-labelledby={id}>
      <div class="bulk-head">
        <h2 id={id} tabIndex={-1} ref={heading}>
          <Title batch={batch} />
        </h2>
        {ended && (
          <Button kind="quiet" onPress={onDismiss}>
            {t('batch.dismiss')}
          </Button>
        )}
      </div>
      {!ended && <progress class="progress" aria-label={t('batch.progress')} value={size - counts.open} max={size} />}
      {!ended && (
        <p class="batch-counts">
          {texts.map((text) => (
            <span key={text.replace(/\d+/g, '')}>{text}</span>
          ))}
        </p>
      )}
      <p role="status">
        {ended
          ? t(stopped ? 'batch.stoppedEnded' : 'batch.ended', { counts: listed(texts, 'unit') })
          : waiting > 0
            ? t('tenants.batch.waits', { count: waiting })
            : t(stopped ? 'batch.stopping' : 'batch.begun')}
      </p>
      {refused.length > 0 && (
        <p class="problem">
          {t('tenants.batch.refused', { names: firstOf(refused.map((row) => visibleText(nameOf(row)))) })}
        </p>
      )}
      {!ended && <p class="small muted">{t('batch.mayClose')}</p>}
      <BatchActs {...{ batch, progress, followed, onAsked }} me={batch.person} asks={asksAbout(batch.id)} />
    </article>
  );
}

function Title({ batch: { kind, partners, size } }: { readonly batch: Batch }) {
  const [partner] = partners;
  if (kind !== 'bulk') return <>{t(`batch.title.${kind}`, { count: size })}</>;
  if (partner === undefined) return <>{t('tenants.batch.remove', { count: size })}</>;
  return <Sentence of="tenants.batch.link" with={{ count: size, partner: <PartnerName partner={partner} /> }} />;
}
