import { useEffect, useId, useState } from 'preact/hooks';
import { subscriptionName } from '../domain/partner-state';
import { placeOf } from '../domain/place';
import type { PortalSettings } from '../domain/settings';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { browser } from '../platform/browser';
import { consoleLog } from '../platform/log';
import { pageOf } from '../portals/index';
import { readPlaces } from '../storage/places';
import { t } from '../words/words';

interface Example {
  readonly name: string;
  readonly address: string;
}

interface WhatNextProps {
  readonly portals: PortalSettings;
  /** The connection that works now. */
  readonly connectionId: string;
  /** The backend lists its subscriptions. */
  readonly lists: boolean;
  /** It holds links: those of all tenants are on a page of their own. */
  readonly hasLinks: boolean;
}

/** What to do once a connection works: a subscription's page to try it on, all subscriptions, the button in the toolbar. */
export function WhatNext({ portals, connectionId, lists, hasLinks }: WhatNextProps) {
  const id = useId();
  const [example, setExample] = useState<Example | null>(null);
  const [isPinned, setPinned] = useState(true);
  useEffect(() => {
    const ended = new AbortController();
    const unless =
      <T,>(show: (value: T) => void) =>
      (value: T) => {
        if (!ended.signal.aborted) show(value);
      };
    const notTold = (cause: unknown) => consoleLog.error('What to do next could not be told whole', cause);
    if (lists) findExample(connectionId, portals).then(unless(setExample)).catch(notTold);
    isButtonPinned().then(unless(setPinned)).catch(notTold);
    return () => ended.abort();
  }, []);
  const outside = { target: '_blank', rel: 'noreferrer' };
  return (
    <section class="next" aria-labelledby={id}>
      <h3 id={id}>{t('options.next.title')}</h3>
      <ul class="next-list">
        <li>
          {example === null ? (
            t('options.next.anyPage')
          ) : (
            <a href={example.address} {...outside}>
              {t('options.next.example', { name: visibleText(example.name) })}
            </a>
          )}
        </li>
        {lists && (
          <li>
            <a href={browser.runtime.getURL('src/subscriptions/index.html')} {...outside}>
              {t('options.next.subscriptions')}
            </a>
          </li>
        )}
        {hasLinks && (
          <li>
            <a href={browser.runtime.getURL('src/tenants/index.html')} {...outside}>
              {t('options.next.tenants')}
            </a>
          </li>
        )}
        {!isPinned && <li>{t('options.next.pin')}</li>}
      </ul>
    </section>
  );
}

/** A subscription that has a page in a portal where the panel shows, of those whose partner may be changed if there is one. */
async function findExample(connectionId: string, portals: PortalSettings): Promise<Example | null> {
  const [list, places] = await Promise.all([call('subscriptions.list', { connectionId, after: null }), readPlaces()]);
  if (!list.ok) return null;
  const changeable = list.subscriptions.filter(({ state }) => state.rights.mayChange);
  for (const { subscriptionId, state } of [...changeable, ...list.subscriptions]) {
    if (state.subscription === null) continue;
    const { service } = state.subscription;
    const address = pageOf({ subscriptionId, service }, placeOf(subscriptionId, places), portals);
    if (address !== null) return { name: subscriptionName(subscriptionId, state), address };
  }
  return null;
}

/** Where the browser does not say, nobody is told to pin it. */
async function isButtonPinned(): Promise<boolean> {
  return (await browser.action.getUserSettings?.())?.isOnToolbar ?? true;
}
