import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { isOfLinks } from '../domain/connection';
import { firstOf } from '../domain/settings';
import { ANYBODY, type Viewer, viewerAt } from '../domain/standing';
import { call } from '../messaging/call';
import { onSettingsBroadcast } from '../messaging/broadcasts';
import { aboutExtension } from '../platform/about';
import { browser } from '../platform/browser';
import type { Attention, HistoryReader } from '../storage/history';
import { onPortalUses, readPortalUses } from '../storage/portal-uses';
import { onSettingsChanged, readSettingsWhole } from '../storage/settings';
import { Notice } from '../ui/notice';
import { PageFoot } from '../ui/page-foot';
import { useKeptFocus } from '../ui/use-kept-focus';
import { useLive } from '../ui/use-live';
import { ProblemNotice } from '../ui/problem-notice';
import { whoseOf } from '../words/about';
import { t } from '../words/words';
import { CheckIds } from './check-ids';
import { HistoryList } from './history-list';
import { KeptOut } from './kept-out';
import { type Done, NeedsYou } from './needs-you';
import { onHistory } from './on-history';
import { OpenOptions } from './open-options';
import type { Place } from './place';
import { frontTab, ThisPage } from './this-page';
import { Tabs } from './tabs';
import { WithheldPortals } from './withheld-portals';

interface PopupProps {
  readonly history: HistoryReader;
  readonly place: Place;
}

/** While it is being read. */
const NOT_YET: Attention = { standings: [], count: 0, foreign: [], foreignCount: 0 };

/** What opens behind the toolbar button. It draws what is stored, at once; what needs the network comes when it comes. */
export function Popup({ history, place }: PopupProps) {
  const settings = useLive(readSettingsWhole, onSettingsChanged, []);
  const uses = useLive(readPortalUses, onPortalUses, []);
  const [tab, setTab] = useState<'check' | 'history'>('check');
  const [answered, setAnswered] = useState<Done | null>(null);
  const main = useKeptFocus();
  const known = settings.state === 'here' ? settings.value.settings : null;
  const present = known && firstOf(known);
  const holdsLinks = known?.connections.some(isOfLinks) === true;
  const connections = (known?.connections ?? []).map(({ id }) => id);
  const people = useLive(() => viewersAt(connections), onSettingsBroadcast, [connections.join()]);
  const read = people.state === 'here' ? people.value : [];
  const viewers = connections.map((connectionId) => ({ ...viewerAt(connectionId, read), connectionId }));
  const attention = useLive(() => history.attention({ viewers, now: Date.now() }), onHistory, [
    history,
    JSON.stringify(viewers),
  ]);
  const kinds = useLive(() => call('connections.kinds', {}), onSettingsBroadcast, []);
  // While nobody knows, and where nothing is set up, everything is there.
  const facts = kinds.state === 'here' ? kinds.value.find(({ kind }) => kind === present?.kind) : undefined;
  const can = facts?.can;
  const isKindUnknown = present !== null && kinds.state === 'here' && facts === undefined;
  const needy = attention.state === 'here' ? attention.value : NOT_YET;
  const needyCount = needy.count + needy.foreignCount;

  const first = () => (
    <div class="stack">
      {attention.state === 'failed' && <ProblemNotice cause={attention.cause} />}
      <NeedsYou
        attention={needy}
        manyChanges={uses.state === 'here' && uses.value.manyChanges?.seen === false}
        settings={known}
        onDone={setAnswered}
      />
      {/* No `status`: that is the one of the checks. */}
      <p class="small muted answered" aria-live="polite">
        {answered && t(`needsYou.answered.${answered}`)}
      </p>
      {known !== null && <ThisPage settings={known} tab={place.in === 'tab' ? place.over : null} />}
      {known !== null && place.in === 'popup' && <KeptOut portals={known.portals} />}
      {known !== null && <WithheldPortals portals={known.portals} />}
      {isKindUnknown || can?.check === false ? (
        <NoChecks main={main}>
          {isKindUnknown ? (
            <Notice role="status" tone="plain" actions={<OpenOptions />}>
              {t('failure.kindUnknown')}
            </Notice>
          ) : (
            <p class="muted">{t(present !== null && isOfLinks(present) ? 'popup.linksOnly' : 'popup.noCheck')}</p>
          )}
        </NoChecks>
      ) : (
        <CheckIds history={history} settings={settings} />
      )}
    </div>
  );

  return (
    <>
      {/* The page has the same, without words, before its script. */}
      <header>
        <img src="/icons/icon-32.png" alt="" width="20" height="20" />
        <h1 title={t(whoseOf(known?.connections ?? []))}>{t('extension.name')}</h1>
      </header>
      <main class="popup-main" tabIndex={-1} ref={main}>
        <Tabs
          label={t('popup.tabs')}
          chosen={tab}
          onChoose={setTab}
          tabs={[
            { id: 'check', name: can?.check !== false ? t('popup.check') : t('popup.partner'), content: first },
            {
              id: 'history',
              name: t('popup.history'),
              count: needyCount,
              countWords: t('popup.attention', { count: needyCount }),
              content: (shown) => <HistoryList history={history} settings={known} viewers={viewers} shown={shown} />,
            },
          ]}
        />
      </main>
      <footer class="popup-foot small">
        <nav class="popup-links" aria-label={t('popup.more')}>
          {place.in === 'popup' && <OpenInTab />}
          {can?.list !== false && <PageLink path="src/subscriptions/index.html" name={t('popup.allSubscriptions')} />}
          {holdsLinks && <PageLink path="src/tenants/index.html" name={t('popup.tenants')} />}
          <PageLink path="src/options/index.html" name={t('popup.options')} />
        </nav>
        <PageFoot {...aboutExtension()} />
      </footer>
    </>
  );
}

/** Who the person is at each of these connections. */
function viewersAt(connections: readonly string[]): Promise<Viewer[]> {
  return Promise.all(
    connections.map(async (connectionId) => {
      const person = await call('person.present', { connectionId });
      return { ...ANYBODY, connectionId, person };
    }),
  );
}

interface NoChecksProps {
  readonly main: RefObject<HTMLElement | null>;
  readonly children: ComponentChildren;
}

/** What stands in the place of the checks. Their box, there until the kind was known, had taken the focus at the opening. */
function NoChecks({ main, children }: NoChecksProps) {
  useEffect(() => {
    // It fell to the whole, round which a line would be drawn; the person has put it nowhere.
    if (document.activeElement === main.current) main.current?.blur();
  }, []);
  return <>{children}</>;
}

/** The same in a tab, over the page that is in front of the person now. */
function OpenInTab() {
  const over = useLive(frontTab, () => undefined, []);
  const number = over.state === 'here' ? (over.value?.id ?? '') : '';
  return <PageLink path={`src/popup/index.html?tab=${number}`} name={t('popup.openInTab')} />;
}

function PageLink({ path, name }: { readonly path: string; readonly name: string }) {
  return (
    <a href={browser.runtime.getURL(path)} target="_blank" rel="noreferrer">
      {name}
    </a>
  );
}
