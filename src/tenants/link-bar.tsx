import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { PartnerId } from '../domain/partner';
import { type PastedPartnerIdProblem, pastedPartnerId } from '../domain/pasted-partner-id';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import type { TenantRow } from '../messaging/protocol';
import { Button } from '../ui/button';
import { Question } from '../ui/question';
import { TextField } from '../ui/text-field';
import { useBarHeight } from '../ui/use-bar-height';
import { useMedia } from '../ui/use-media';
import { useWork, WorkProblem } from '../ui/use-work';
import { t } from '../words/words';
import { countedText, tenantsIn } from './count-words';
import { keyOfRow, planOf } from './rows';

interface LinkBarProps {
  readonly connectionId: string;
  /** Those that are selected. */
  readonly rows: readonly TenantRow[];
  /** How many of them the filter does not show. */
  readonly notShown: number;
  readonly nameOf: (row: TenantRow) => string;
  readonly onAsked: (batchId: string) => void;
  readonly onClear: () => void;
}

/** What can be done to all that is selected; each is asked about once more. It stays in sight. */
export function LinkBar({ connectionId, rows, notShown, nameOf, onAsked, onClear }: LinkBarProps) {
  const bar = useBarHeight();
  const [typed, setTyped] = useState('');
  /** There was nothing to do on a press. */
  const [isNothing, setNothing] = useState(false);
  const [problem, setProblem] = useState<PastedPartnerIdProblem | null>(null);
  const [asking, setAsking] = useState<{ readonly partnerId: PartnerId | null } | null>(null);
  // A small window would show little else.
  const isCard = useMedia('(width < 700px)');
  const [isUnfolded, setUnfolded] = useState(false);
  const work = useWork();
  const field = useRef<HTMLInputElement>(null);
  /** Asked for again where no answer came, it is the same. */
  const last = useRef({ wish: '', id: '' });
  const removal = planOf(rows, null);
  const parsed = pastedPartnerId(typed);
  const linking = parsed.ok ? planOf(rows, parsed.partnerId).changing.length : null;
  // What came of a press says nothing of another selection, nor of what is to be done in it by now.
  const selected = JSON.stringify(rows.map(keyOfRow));
  useLayoutEffect(() => {
    setNothing(false);
    work.tell(null);
  }, [selected, typed]);
  useLayoutEffect(() => setNothing(false), [linking]);

  function askToLink(): void {
    if (!parsed.ok) {
      setProblem(parsed.problem);
      field.current?.focus();
    } else if (linking === 0) {
      setNothing(true);
    } else {
      work.tell(null);
      setAsking({ partnerId: parsed.partnerId });
    }
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
      const wish = JSON.stringify([partnerId, links]);
      if (last.current.wish !== wish) last.current = { wish, id: crypto.randomUUID() };
      const answer = await call('links.ask', { id: last.current.id, connectionId, partnerId, links });
      if (!answer.ok) return t(`standing.problems.${answer.problem}`);
      onAsked(last.current.id);
      return null;
    });
  }

  return (
    <section class="bulk-bar card stack-tight" aria-label={t('tenants.bar')} ref={bar}>
      <div class="bulk-head">
        <p>
          <strong>{countedText('selected', rows)}</strong>
          {notShown > 0 && <span>, {t('bulk.notShown', { count: notShown })}</span>}
        </p>
        {isCard && (
          <Button expanded={isUnfolded} onPress={() => setUnfolded(!isUnfolded)}>
            {t('panel.change')}
          </Button>
        )}
        <Button kind="quiet" onPress={onClear}>
          {t('bulk.clear')}
        </Button>
      </div>
      {(!isCard || isUnfolded) && (
        <>
          <div class="bulk-form">
            <div class="bulk-partner">
              <TextField
                label={t('panel.partnerId')}
                value={typed}
                inputMode="numeric"
                inputRef={field}
                onType={(text) => {
                  setTyped(text);
                  setProblem(null);
                }}
                onEnter={askToLink}
                problem={problem && t(`partnerId.${problem}`)}
              />
            </div>
            <div class="row">
              <Button kind="primary" busy={work.busy} onPress={askToLink}>
                {countedText('link', rows)}
              </Button>
              {removal.changing.length > 0 && (
                <Button kind="danger" busy={work.busy} onPress={() => setAsking({ partnerId: null })}>
                  {countedText('remove', removal.changing)}
                </Button>
              )}
            </div>
          </div>
          <p class="muted small">{t('link.location')}</p>
        </>
      )}
      <WorkProblem problem={isNothing ? t('tenants.nothingToLink') : work.problem} />
      {asking !== null && (
        <Sure {...{ ...asking, rows, nameOf }} onNo={() => setAsking(null)} onYes={() => ask(asking)} />
      )}
    </section>
  );
}

interface SureProps extends Pick<LinkBarProps, 'rows' | 'nameOf'> {
  readonly partnerId: PartnerId | null;
  readonly onNo: () => void;
  readonly onYes: () => void;
}

/** The question, which names the tenants. */
function Sure({ partnerId, rows, nameOf, onNo, onYes }: SureProps) {
  const { changing, replaced, waiting } = planOf(rows, partnerId);
  const staying = rows.length - changing.length;
  const title = countedText(partnerId === null ? 'removeTitle' : 'linkTitle', changing);
  const about = (
    <>
      {partnerId !== null && <p>{t('tenants.linkText', { partnerId })}</p>}
      {tenantsIn(changing) < changing.length && <p>{t('tenants.several')}</p>}
      {partnerId !== null && replaced > 0 && (
        <p>
          <strong>{t('tenants.replaces', { count: replaced })}</strong>
        </p>
      )}
      {waiting > 0 && <p>{t('tenants.waits', { count: waiting })}</p>}
      {partnerId !== null && staying > 0 && <p>{t('tenants.stays', { count: staying })}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: nothing in it takes the focus, and it is scrolled by key all the same. */}
      <ul class="bullets small named" aria-label={t('tenants.title')} tabIndex={0}>
        {changing.map((row) => (
          <li key={keyOfRow(row)}>{visibleText(nameOf(row))}</li>
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
