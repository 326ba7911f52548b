import { useRef, useState } from 'preact/hooks';
import { isOfLinks } from '../domain/connection';
import { pastedPartnerId } from '../domain/pasted-partner-id';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { Button } from '../ui/button';
import { TextField } from '../ui/text-field';
import { t } from '../words/words';
import { OutcomeNotice, useAct } from './outcome';
import { Section } from './section';
import type { Stored } from './stored';
import { useUnsavedInput } from './unsaved';

/** What links are compared with. */
export function PartnerLinksSection({ settings: { ownPartnerId, connections }, managed }: Stored) {
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const { busy, outcome, act, tell } = useAct<'save'>();
  const fixed = managed.has('ownPartnerId');
  const stored = ownPartnerId ?? '';
  const value = typed ?? stored;
  useUnsavedInput('partnerLinks', value !== stored);

  const save = () => {
    const read = value.trim() === '' ? null : pastedPartnerId(value);
    if (read?.ok === false) {
      setProblem(t(`partnerId.${read.problem}`));
      field.current?.focus();
      return;
    }
    act('save', async () => {
      await call('ownPartnerId.save', { ownPartnerId: read?.partnerId ?? null });
      setTyped(null);
      return { good: true, words: t('options.ownPartnerIdSaved') };
    });
  };

  return (
    <Section title={t('options.partnerLinks')} managed={fixed}>
      <TextField
        label={t('options.ownPartnerId')}
        value={value}
        inputMode="numeric"
        hint={t('options.ownPartnerIdHint')}
        problem={problem}
        readOnly={fixed}
        inputRef={field}
        onType={(text) => {
          setTyped(text);
          setProblem(null);
          tell(null);
        }}
        onEnter={save}
      />
      {!fixed && (
        <div class="row">
          <Button onPress={save} busy={busy.includes('save')}>
            {t('options.saveOwnPartnerId')}
          </Button>
        </div>
      )}
      <OutcomeNotice outcome={outcome} />
      {connections.some(isOfLinks) && (
        <p>
          <a href={browser.runtime.getURL('src/tenants/index.html')} target="_blank" rel="noreferrer">
            {t('options.next.tenants')}
          </a>
        </p>
      )}
    </Section>
  );
}
