import { type Batch, goesOnByItself } from '../domain/batch';
import type { Standing } from '../domain/standing';
import { visibleText } from '../domain/visible-text';
import { asksAbout } from '../messaging/follow-up';
import type { LinkAccount, TenantRow } from '../messaging/protocol';
import { BatchActs } from '../ui/batch-acts';
import { BatchCounts } from '../ui/batch-counts';
import { BatchHead } from '../ui/batch-head';
import { Button } from '../ui/button';
import { Name, PartnerName } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { useUniqueId } from '../ui/use-unique-id';
import { endedText, firstOf } from '../words/batch';
import { t } from '../words/words';
import type { ShownBatch } from './use-link-batches';

interface LinkBatchesProps {
  readonly shown: readonly ShownBatch[];
  readonly rows: readonly TenantRow[];
  readonly nameOf: (row: TenantRow) => string;
  /** Those that are signed in. */
  readonly accounts: readonly LinkAccount[];
  readonly onSignIn: (user: string) => void;
  /** The IDs of those that were asked for here. */
  readonly asked: readonly string[];
  readonly onAsked: (batchId: string) => void;
  readonly onDismiss: (batchId: string) => void;
}

/** How far what was asked for in many tenants is, and what can be done about it. */
export function LinkBatches({ shown, rows, asked, onDismiss, ...given }: LinkBatchesProps) {
  if (shown.length === 0) return null;
  return (
    <section class="stack" aria-label={t('tenants.batch.list')}>
      {shown.map((one) => (
        <Card
          key={one.batch.id}
          shown={one}
          rows={rows.filter(({ view: { standing } }) => standing?.batch === one.batch.id)}
          {...given}
          isNew={asked.includes(one.batch.id)}
          onDismiss={() => onDismiss(one.batch.id)}
        />
      ))}
    </section>
  );
}

interface CardProps extends Omit<LinkBatchesProps, 'shown' | 'asked' | 'onDismiss'> {
  readonly shown: ShownBatch;
  readonly isNew: boolean;
  readonly onDismiss: () => void;
}

function Card({ shown, rows, nameOf, accounts, onSignIn, isNew, onAsked, onDismiss }: CardProps) {
  const { batch, progress } = shown;
  const { ended, stopped } = progress;
  const id = useUniqueId();
  const { here: waiting, away } = whomTheyWaitFor(shown.waiting, accounts);
  const stands = ended
    ? endedText(progress)
    : waiting > 0
      ? t('tenants.batch.waits', { count: waiting })
      : away.length > 0
        ? null
        : t(stopped ? 'batch.stopping' : 'batch.begun');
  const refused = rows.filter(({ view }) => view.standing?.at.phase === 'refused');
  return (
    <article class="batch card stack-tight" aria-labelledby={id}>
      <BatchHead id={id} ended={ended} takesFocus={isNew} onDismiss={onDismiss}>
        <Title batch={batch} />
      </BatchHead>
      <BatchCounts progress={progress} />
      {stands !== null && <p role="status">{stands}</p>}
      {away.map(({ user, name, count }) => (
        <div key={user} class="row">
          <p role="status">
            <Sentence of="tenants.batch.away" with={{ count, account: <Name text={name} /> }} />
          </p>
          <Button onPress={() => onSignIn(user)}>{t('link.signInAs', { account: visibleText(name) })}</Button>
        </div>
      ))}
      {refused.length > 0 && (
        <p class="problem">
          {t('tenants.batch.refused', { names: firstOf(refused.map((row) => visibleText(nameOf(row)))) })}
        </p>
      )}
      {goesOnByItself(progress, shown.waiting.length) && <p class="small muted">{t('batch.mayClose')}</p>}
      <BatchActs {...{ batch, progress, onAsked }} me={batch.person} asks={asksAbout(batch.id)} />
    </article>
  );
}

function Title({ batch: { kind, partners, size } }: { readonly batch: Batch }) {
  const [partner] = partners;
  if (kind !== 'bulk') return <>{t(`batch.title.${kind}`, { count: size })}</>;
  if (partner === undefined) return <>{t('tenants.batch.remove', { count: size })}</>;
  return <Sentence of="tenants.batch.link" with={{ count: size, partner: <PartnerName partner={partner} /> }} />;
}

/** How many changes wait for a sign-in of accounts that are signed in, and which accounts that are not are waited for by how many. */
function whomTheyWaitFor(waiting: readonly Standing[], accounts: readonly LinkAccount[]) {
  const present = new Set(accounts.map(({ user }) => user));
  const away = new Map<string, { readonly user: string; readonly name: string; readonly count: number }>();
  let here = 0;
  for (const { target, askedBy } of waiting) {
    if (target.kind !== 'signIn') continue;
    const { user } = target;
    if (present.has(user)) here += 1;
    else away.set(user, { user, name: askedBy ?? user, count: (away.get(user)?.count ?? 0) + 1 });
  }
  return { here, away: [...away.values()] };
}
