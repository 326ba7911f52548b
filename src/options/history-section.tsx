import { useRef, useState } from 'preact/hooks';
import * as v from 'valibot';
import { retentionSchema } from '../domain/schemas';
import type { Retention } from '../domain/settings';
import { call } from '../messaging/call';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { t } from '../words/words';
import { TextField } from '../ui/text-field';
import { OutcomeNotice, useAct } from './outcome';
import { useSaveRetention } from './save-retention';
import { Section } from './section';
import type { Stored } from './stored';
import { useUnsavedInput } from './unsaved';

const NO_LIMITS: Retention = { maxAgeDays: null, maxRows: null };

/** How long the history is kept, and the way to empty it. */
export function HistorySection({ settings: { retention }, managed }: Stored) {
  const [days, setDays] = useState<string | null>(null);
  const [rows, setRows] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const [clearing, setClearing] = useState(false);
  const { busy, outcome, act, tell } = useAct<'save' | 'clear'>();
  const { save: saveRetention, question } = useSaveRetention();
  const fixed = managed.has('retention');
  const typedDays = days ?? limitText(retention.maxAgeDays);
  const typedRows = rows ?? limitText(retention.maxRows);
  const fields = { maxAgeDays: useRef<HTMLInputElement>(null), maxRows: useRef<HTMLInputElement>(null) };
  useUnsavedInput(
    'history',
    typedDays !== limitText(retention.maxAgeDays) || typedRows !== limitText(retention.maxRows),
  );
  const read = { maxAgeDays: readLimit(typedDays), maxRows: readLimit(typedRows) };
  const isLimit = (part: keyof Retention) => v.is(retentionSchema, { ...NO_LIMITS, [part]: read[part] });
  const problem = (part: keyof Retention) => (asked && !isLimit(part) ? t('options.notALimit') : null);

  /** What is typed now is not saved. */
  const type = (set: (text: string) => void) => (text: string) => {
    set(text);
    tell(null);
  };
  const save = () => {
    setAsked(true);
    const limits = v.safeParse(retentionSchema, read);
    if (!limits.success) return fields[isLimit('maxAgeDays') ? 'maxRows' : 'maxAgeDays'].current?.focus();
    act('save', async () => {
      if (!(await saveRetention(limits.output, 0))) return null;
      setDays(null);
      setRows(null);
      setAsked(false);
      return { good: true, words: t('options.limitsSaved') };
    });
  };
  const clear = () => {
    setClearing(false);
    act('clear', async () => {
      const { removed } = await call('history.clear', {});
      return { good: true, words: t('options.cleared', { count: removed }) };
    });
  };

  return (
    <Section title={t('options.history')} hint={t('options.historyHint')} managed={fixed}>
      <div class="fields-beside">
        <TextField
          label={t('options.keepDays')}
          value={typedDays}
          inputMode="numeric"
          readOnly={fixed}
          problem={problem('maxAgeDays')}
          inputRef={fields.maxAgeDays}
          onType={type(setDays)}
          onEnter={save}
        />
        <TextField
          label={t('options.keepRows')}
          value={typedRows}
          inputMode="numeric"
          readOnly={fixed}
          problem={problem('maxRows')}
          inputRef={fields.maxRows}
          onType={type(setRows)}
          onEnter={save}
        />
      </div>
      <div class="row">
        {!fixed && (
          <Button onPress={save} busy={busy.includes('save')}>
            {t('options.saveHistory')}
          </Button>
        )}
        <Button kind="danger" onPress={() => setClearing(true)} busy={busy.includes('clear')}>
          {t('options.clear')}
        </Button>
      </div>
      <OutcomeNotice outcome={outcome} />
      {question}
      {clearing && (
        <Confirm
          title={t('options.clearTitle')}
          text={t('options.clearText')}
          yes={t('options.clearYes')}
          onYes={clear}
          onNo={() => setClearing(false)}
        />
      )}
    </Section>
  );
}

function limitText(limit: number | null): string {
  return limit === null ? '' : String(limit);
}

/** Nothing typed is no limit; what is no number stays NaN, which no schema takes. */
function readLimit(typed: string): number | null {
  const text = typed.trim();
  if (text === '') return null;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
