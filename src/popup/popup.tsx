import { useState } from 'preact/hooks';
import type { Viewer } from '../domain/standing';
import { call } from '../messaging/call';
import { onSettingsNotice } from '../messaging/notices';
import { browser } from '../platform/browser';
import type { HistoryReader } from '../storage/history';
import { onPortalUses, readPortalUses } from '../storage/portal-uses';
import { onSettingsChanged, readSettings } from '../storage/settings';
import { t } from '../words/words';
import { useKeptFocus } from '../ui/use-kept-focus';
import { useLive } from '../ui/use-live';
import { CheckIds } from './check-ids';
import { HistoryList } from './history-list';
import { KeptOut } from './kept-out';
import { ManyChanges } from './many-changes';
import { onHistory } from './on-history';
import { Tabs } from './tabs';
import { ThisPage } from './this-page';
import { WithheldPortals } from './withheld-portals';

const PAGES_OF_OURS = [
  ['src/subscriptions/index.html', 'popup.allSubscriptions'],
  ['src/options/index.html', 'popup.options'],
] as const;

/** What opens behind the toolbar button. It draws what is stored, at once; what needs the network comes when it comes. */
export function Popup({ history }: { readonly history: HistoryReader }) {
  const settings = useLive(readSettings, onSettingsChanged, []);
  const attention = useLive(() => history.attentionCount(), onHistory, [history]);
  const [tab, setTab] = useState<'check' | 'history'>('check');
  const person = useLive(() => call('person.present', {}), onSettingsNotice, []);
  const uses = useLive(readPortalUses, onPortalUses, []);
  const main = useKeptFocus();
  const known = settings.state === 'here' ? settings.value : null;
  const viewer: Viewer = {
    connectionId: known?.connection?.id ?? null,
    person: person.state === 'here' ? person.value : null,
    mayChange: null,
  };
  const waiting = attention.state === 'here' ? attention.value : 0;

  return (
    <>
      <header class="popup-head">
        <img src="/icons/icon-32.png" alt="" width="24" height="24" />
        <h1>{t('popup.title')}</h1>
      </header>
      <main class="popup-main" tabIndex={-1} ref={main}>
        {uses.state === 'here' && uses.value.manyChanges?.seen === false && <ManyChanges />}
        {known !== null && <ThisPage portals={known.portals} />}
        {known !== null && <KeptOut portals={known.portals} />}
        {known !== null && <WithheldPortals portals={known.portals} />}
        <Tabs
          label={t('popup.tabs')}
          chosen={tab}
          onChoose={setTab}
          tabs={[
            { id: 'check', name: t('popup.check'), content: () => <CheckIds history={history} settings={settings} /> },
            {
              id: 'history',
              name: t('popup.history'),
              count: waiting,
              countWords: t('popup.attention', { count: waiting }),
              content: (shown) => <HistoryList history={history} settings={known} viewer={viewer} shown={shown} />,
            },
          ]}
        />
      </main>
      <footer class="popup-foot small">
        <nav class="popup-links" aria-label={t('popup.more')}>
          {PAGES_OF_OURS.map(([path, name]) => (
            <a key={path} href={browser.runtime.getURL(path)} target="_blank" rel="noreferrer">
              {t(name)}
            </a>
          ))}
        </nav>
        <p class="muted">{t('pages.whoseRecord')}</p>
      </footer>
    </>
  );
}
