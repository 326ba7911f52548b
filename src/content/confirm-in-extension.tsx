import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { type Key, t } from '../words/words';
import type { Acts } from './panel-controller';
import type { ConfirmReason } from './panel-state';

interface ConfirmInExtensionProps {
  readonly why: ConfirmReason;
  readonly acts: Acts;
}

/** The way on where the panel is not enough: the extension's own window, and why. */
export function ConfirmInExtension({ why, acts }: ConfirmInExtensionProps) {
  const button = (
    <Button kind="primary" weight="free" onPress={acts.confirmInExtension}>
      {t('panel.confirmInExtension')}
    </Button>
  );
  return (
    <Notice {...(why === 'always' ? { tone: 'plain' } : { tone: 'warn', role: 'alert' })} actions={button}>
      {t(WHY[why])}
    </Notice>
  );
}

const WHY = {
  always: 'panel.confirmsAlways',
  changes: 'standing.problems.confirmInExtension',
  checks: 'panel.checkInExtension',
  unsure: 'panel.unsure',
} as const satisfies Record<ConfirmReason, Key>;
