import { useState } from 'preact/hooks';
import { call } from '../messaging/call';
import { CheckField } from '../ui/choices';
import { t } from '../words/words';
import { failedBy, type Outcome } from './outcome';
import { requestPermissions } from './permission';

interface NotifyFieldProps {
  readonly notify: boolean;
  readonly managed: boolean;
  readonly onOutcome: (outcome: Outcome | null) => void;
}

/** Whether a notification tells how a change ended. What is chosen here takes effect at once: no connection carries it along. */
export function NotifyField({ notify, managed, onOutcome }: NotifyFieldProps) {
  /** What was chosen, until it is stored; null: what is stored. */
  const [wanted, setWanted] = useState<boolean | null>(null);
  const choose = async (on: boolean): Promise<Outcome | null> => {
    // First of all: the browser asks only while the press lasts.
    if (on && !(await requestPermissions([], ['notifications'])))
      return { good: false, words: t('options.notifyRefused') };
    await call('notify.save', { notify: on });
    return null;
  };
  const toggle = (on: boolean) => {
    setWanted(on);
    choose(on)
      .catch(failedBy)
      .then(onOutcome)
      .finally(() => setWanted(null));
  };
  return (
    <CheckField
      label={t('options.notify')}
      checked={wanted ?? notify}
      disabled={managed}
      hint={managed ? t('options.managed') : undefined}
      onToggle={toggle}
    />
  );
}
