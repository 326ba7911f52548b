import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { subscriptionName } from '../domain/partner-state';
import type { NotPermitted as Why } from '../domain/rights';
import { visibleText } from '../domain/visible-text';
import { Button } from '../ui/button';
import { formatDate } from '../ui/format';
import { Id, Name } from '../ui/partner-name';
import { Sentence } from '../ui/sentence';
import { WhomToAsk } from '../ui/whom-to-ask';
import { type About, ABOUT_WORDS } from '../words/about';
import { notPermittedWords } from '../words/rights';
import { t } from '../words/words';
import type { LinkFacts } from '../messaging/protocol';
import type { Acts } from './panel-controller';
import { isUnderWay, linkIn, type Shown } from './panel-state';

type Read = Extract<Shown, { state: 'read' }>;

interface PanelBarProps {
  readonly about: About;
  readonly shown: Shown;
  readonly titleId: string;
  /** What can be done is there in full beneath. */
  readonly open: boolean;
  /** Opens it, or folds it away. */
  readonly onUnfold: (open: boolean) => void;
  readonly acts: Acts;
  /** The docked panel is a tab: who the partner is, and no more. */
  readonly folded: boolean;
  /** What stands at its end. */
  readonly children: ComponentChildren;
}

/** The line that is always there: who the partner of record is and since when, and what can be done about it. */
export function PanelBar({ about, shown, titleId, open, folded, onUnfold, acts, children }: PanelBarProps) {
  const link = linkIn(shown);
  return (
    <header class="panel-bar">
      <svg class="panel-mark" viewBox="0 0 16 16" width="20" height="20" aria-hidden="true" focusable="false">
        <rect y="1" width="16" height="14" rx="2.5" fill="#0e7580" />
        <circle cx="5.5" cy="5.5" r="2.5" fill="#fff" />
        <path d="M2 13c0-2.8 1.3-4 3.5-4S9 10.2 9 13z" fill="#fff" />
        <path d="M9.5 7.7l1.8 1.8 2.9-3.9" class="panel-mark-check" />
      </svg>
      <div class="panel-facts">
        <div class="panel-eyebrow small muted">
          <h2 id={titleId} title={t(ABOUT_WORDS[about].whose)}>
            {t(ABOUT_WORDS[about].region)}
          </h2>
          {shown.state === 'read' && (
            <>
              {/* The page around shows it to eyes. */}
              <p class="for-readers">
                <Name text={subscriptionName(shown.subscriptionId, shown.present)} />
              </p>
              <Since shown={shown} />
            </>
          )}
        </div>
        {shown.state === 'reading' && (
          <p class="partner partner-none" aria-hidden="true">
            {t(ABOUT_WORDS[about].reading)}
          </p>
        )}
        {shown.state === 'read' && <Partner about={about} shown={shown} />}
        {link !== null && (
          <LinkOf link={link} isThere={shown.state === 'read' && shown.present.partnerOfRecord !== null} />
        )}
      </div>
      {shown.state === 'read' && !folded && (
        <>
          {shown.task.kind === 'notPermitted' && <NotPermitted why={shown.task} support={shown.support} />}
          <Actions about={about} shown={shown} open={open} onUnfold={onUnfold} acts={acts} />
        </>
      )}
      {children}
    </header>
  );
}

/** So many characters of a sentence and what follows it have room in the line's four rows, where it is 320 px wide too. */
const LINE_HOLDS = 160;

interface NotPermittedProps {
  readonly why: Why;
  /** Whom the service says to ask; null when it says nobody. */
  readonly support: string | null;
}

/** Why the person may not change the partner; what there is no room for, and whom to ask, when they want it. */
function NotPermitted({ why, support }: NotPermittedProps) {
  const [asked, setAsked] = useState(false);
  const { ours, said } = notPermittedWords(why, 'rights.whyInLine');
  const more = (
    <>
      {said !== null && (
        <p>
          <Sentence of="panel.reason" with={{ reason: <Name text={said} /> }} />
        </p>
      )}{' '}
      {support !== null && <WhomToAsk support={support} />}
    </>
  );
  // With the words around each.
  const length = ours.length + (said === null ? 0 : said.length + 20) + (support === null ? 0 : support.length + 14);
  const fits = length <= LINE_HOLDS;
  return (
    <>
      <div class="panel-why small muted">
        <p>{ours}</p>{' '}
        {fits ? (
          more
        ) : (
          <Button kind="quiet" weight="free" expanded={asked} onPress={() => setAsked(!asked)}>
            {said === null ? t('help.whom.question') : t('panel.why')}
          </Button>
        )}
      </div>
      {asked && !fits && <div class="panel-asked small">{more}</div>}
    </>
  );
}

/** Whose link it is, and where: in the line too, since it is no more of the subscription than of any other. */
function LinkOf({ link: { account, tenant }, isThere }: { readonly link: LinkFacts; readonly isThere: boolean }) {
  if (account === null || tenant === null) return null;
  const where = { account: <Name text={account.name} />, tenant: <Name text={tenant.name ?? tenant.id} /> };
  return (
    <p class="small muted">
      <Sentence of={isThere ? 'link.by' : 'link.of'} with={where} />
    </p>
  );
}

function Since({ shown: { present } }: { readonly shown: Read }) {
  const partner = present.partnerOfRecord;
  if (partner === null) return null;
  return (
    <p class="panel-since">
      {partner.assignedAt !== null && (
        <span>
          <Sentence of="panel.since" with={{ date: <bdi>{formatDate(partner.assignedAt)}</bdi> }} />
        </span>
      )}{' '}
      {partner.state !== undefined && (
        <span>
          {partner.assignedAt !== null && '· '}
          <Sentence of="link.state" with={{ state: <Name text={partner.state} /> }} />
        </span>
      )}{' '}
      {partner.assignedBy !== null && (
        <span class="panel-by">
          <Sentence of="panel.by" with={{ name: <Name text={partner.assignedBy} /> }} />
        </span>
      )}
    </p>
  );
}

/** The partner's name whole where it fits; where it does not, the pointer finds it, and assistive technology has it anyhow. */
function Partner({ about, shown: { present } }: Pick<PanelBarProps, 'about'> & { readonly shown: Read }) {
  const partner = present.partnerOfRecord;
  if (partner === null) return <p class="partner partner-none">{t(ABOUT_WORDS[about].none)}</p>;
  const { name, partnerId } = partner;
  const shownAs = name ?? partnerId;
  return (
    <p class="partner">
      <span class="panel-name" title={visibleText(shownAs)}>
        <Name text={shownAs} />
      </span>{' '}
      {name !== null && <Id text={`(${partnerId})`} />}
    </p>
  );
}

interface ActionsProps extends Pick<PanelBarProps, 'about' | 'open' | 'onUnfold' | 'acts'> {
  readonly shown: Read;
}

function Actions({ about, shown, open, onUnfold, acts }: ActionsProps) {
  const { task, present, confirm, can, log } = shown;
  const hasPartner = present.partnerOfRecord !== null;
  // A question is to be answered first, and what is under way is to end: they stay in place.
  const waits = isUnderWay(shown) && present.rights.mayChange && confirm !== 'always';
  const off = task.kind === 'confirmRemoval' || task.kind === 'confirmLink' || waits;
  const acting = task.kind === 'form' || off;
  const mayRemove = hasPartner && (task.kind === 'form' ? task.mayRemove : off);
  return (
    <div class="panel-actions row">
      {acting && hasPartner && (
        <div data-focus="change">
          <Button weight="glance" off={off} expanded={open && task.kind === 'form'} onPress={() => onUnfold(!open)}>
            {t('panel.change')}
          </Button>
        </div>
      )}
      {mayRemove && (
        <div data-focus="remove">
          <Button kind="quiet" weight="glance" off={off} onPress={acts.askToRemove}>
            {t(ABOUT_WORDS[about].remove)}
          </Button>
        </div>
      )}
      {can?.changeLog && (
        <Button
          kind="quiet"
          weight="glance"
          busy={log !== null && log.answer === null}
          expanded={log !== null && log.answer !== null}
          onPress={acts.toggleLog}
        >
          {t('panel.log.open')}
        </Button>
      )}
    </div>
  );
}
