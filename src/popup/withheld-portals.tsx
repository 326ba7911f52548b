import { useState } from 'preact/hooks';
import type { PortalSettings } from '../domain/settings';
import { browser } from '../platform/browser';
import { consoleLog } from '../platform/log';
import { builtInOrigins, builtInPortals, checkOwnPattern, matchPatternOf } from '../portals/index';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { listed, t } from '../words/words';
import { useLive } from '../ui/use-live';

interface ServedPortal {
  readonly name: string;
  readonly origins: string[];
}

/** Says which portals the browser keeps the extension away from, with a button to allow them. Nothing when there are none. */
export function WithheldPortals({ portals }: { readonly portals: PortalSettings }) {
  const [refused, setRefused] = useState(false);
  const withheld = useLive(() => withheldPortals(portals), onPermissions, [portals]);
  if (withheld.state !== 'here' || withheld.value.length === 0) return null;
  const names = withheld.value.map(({ name }) => name);
  const origins = withheld.value.flatMap((portal) => portal.origins);
  return (
    <Notice
      role="status"
      tone="warn"
      actions={
        <Button
          onPress={() => {
            // First of all: the browser asks only while the click lasts.
            browser.permissions.request({ origins }).then(
              (allowed) => setRefused(!allowed),
              (cause: unknown) => {
                consoleLog.error('The browser would not ask for a permission', cause);
                setRefused(true);
              },
            );
          }}
        >
          {t('popup.allow')}
        </Button>
      }
    >
      {t('popup.withheld', { portals: listed(names) })} {refused && t('popup.allowRefused')}
    </Notice>
  );
}

async function withheldPortals(portals: PortalSettings): Promise<ServedPortal[]> {
  const held = await Promise.all(served(portals).map(({ origins }) => browser.permissions.contains({ origins })));
  return served(portals).filter((_, index) => held[index] === false);
}

function served({ off, own }: PortalSettings): ServedPortal[] {
  const builtIn = builtInPortals
    .filter(({ id }) => !off.includes(id))
    .map((portal) => ({ name: t(`portals.${portal.id}`), origins: builtInOrigins(portal).map(matchPatternOf) }));
  const added = own
    .map(checkOwnPattern)
    .filter((checked) => checked.ok)
    .map(({ origin }) => ({ name: new URL(origin).host, origins: [matchPatternOf(origin)] }));
  return [...builtIn, ...added];
}

function onPermissions(again: () => void, signal: AbortSignal): void {
  const { onAdded, onRemoved } = browser.permissions;
  for (const event of [onAdded, onRemoved]) {
    event.addListener(again);
    signal.addEventListener('abort', () => event.removeListener(again), { once: true });
  }
}
