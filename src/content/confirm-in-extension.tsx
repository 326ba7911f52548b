import { Button } from '../ui/button';
import { PANEL } from '../ui/strings';
import type { Acts } from './panel-controller';

/** The way on where the panel is not enough: the extension's own window. */
export function ConfirmInExtension({ acts }: { readonly acts: Acts }) {
  return (
    <Button kind="primary" weight="free" onPress={acts.confirmInExtension}>
      {PANEL.confirmInExtension}
    </Button>
  );
}
