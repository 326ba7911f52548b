import { useRef, useState } from 'preact/hooks';
import type { PartnerId } from '../domain/partner';
import { type PastedPartnerIdProblem, pastedPartnerId } from '../domain/pasted-partner-id';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import type { TenantRow } from '../messaging/protocol';
import { Button } from '../ui/button';
import { Question } from '../ui/question';
import { TextField } from '../ui/text-field';
import { useWork, WorkProblem } from '../ui/use-work';
import { t } from '../words/words';
import { keyOfRow, planOf, tenantName } from './rows';

interface LinkBarProps {
  readonly connectionId: string;
  /** Those that are selected. */
  readonly rows: readonly TenantRow[];
  readonly onAsked: (batchId: string) => void;
}

/** What can be done to all that is selected; each is asked about once more. */
export function LinkBar({ connectionId, rows, onAsked }: LinkBarProps) {
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<PastedPartnerIdProblem | null>(null);
  const [asking, setAsking] = useState<{ readonly partnerId: PartnerId | null } | null>(null);
  const work = useWork();
  /** Asked for again where no answer came, it is the same. */
  const id = useRef(crypto.randomUUID());
  const removal = planOf(rows, null);

  function askToLink(): void {
    const parsed = pastedPartnerId(typed);
    if (parsed.ok) setAsking({ partnerId: parsed.partnerId });
    else setProblem(parsed.problem);
  }

  function ask({ partnerId }: { readonly partnerId: PartnerId | null }): void {
    setAsking(null);
    work.run(async () => {
      const links = planOf(rows, partnerId).changing.map(({ target, view: { state } }) => ({
        target,
        before: state?.partnerOfRecord
          ? { partnerId: state.partnerOfRecord.partnerId, name: state.partnerOfRecord.name }
          : null,
        basedOn: state?.version ?? null,
      }));
      if (links.length === 0) return t('standing.problems.nothingToChange');
      const answer = await call('links.ask', { id: id.current, connectionId, partnerId, links });
      if (!answer.ok) return t(`standing.problems.${answer.problem}`);
      onAsked(id.current);
      return null;
    });
  }

  return (
    <section class="card link-bar" aria-label={t('tenants.selected', { count: rows.length })}>
      <p>
        <strong>{t('tenants.selected', { count: rows.length })}</strong>
      </p>
      <TextField
        label={t('panel.partnerId')}
        value={typed}
        inputMode="numeric"
        onType={(text) => {
          setTyped(text);
          setProblem(null);
        }}
        onEnter={askToLink}
        problem={problem && t(`partnerId.${problem}`)}
        hint={t('link.location')}
      />
      <div class="row">
        <Button kind="primary" busy={work.busy} onPress={askToLink}>
          {t('tenants.link', { count: rows.length })}
        </Button>
        {removal.changing.length > 0 && (
          <Button kind="danger" busy={work.busy} onPress={() => setAsking({ partnerId: null })}>
            {t('tenants.remove', { count: removal.changing.length })}
          </Button>
        )}
      </div>
      <WorkProblem problem={work.problem} />
      {asking !== null && <Sure {...asking} rows={rows} onNo={() => setAsking(null)} onYes={() => ask(asking)} />}
    </section>
  );
}

interface SureProps {
  readonly partnerId: PartnerId | null;
  readonly rows: readonly TenantRow[];
  readonly onNo: () => void;
  readonly onYes: () => void;
}

/** The question, which names the tenants. */
function Sure({ partnerId, rows, onNo, onYes }: SureProps) {
  const { changing, replaced, waiting } = planOf(rows, partnerId);
  const title = t(partnerId === null ? 'tenants.removeTitle' : 'tenants.linkTitle', { count: changing.length });
  const about = (
    <>
      {partnerId !== null && <p>{t('tenants.linkText', { partnerId })}</p>}
      {partnerId !== null && replaced > 0 && (
        <p>
          <strong>{t('tenants.replaces', { count: replaced })}</strong>
        </p>
      )}
      {waiting > 0 && <p>{t('tenants.waits', { count: waiting })}</p>}
      <ul class="bullets small">
        {changing.map((row) => (
          <li key={keyOfRow(row)}>{visibleText(tenantName(row))}</li>
        ))}
      </ul>
    </>
  );
  return (
    <Question title={title} about={about} onNo={onNo}>
      <div class="row">
        <Button onPress={onNo}>{t('tenants.no')}</Button>
        <Button kind={partnerId === null ? 'danger' : 'primary'} off={changing.length === 0} onPress={onYes}>
          {t('tenants.yes')}
        </Button>
      </div>
    </Question>
  );
}
