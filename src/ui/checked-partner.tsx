import type { Capabilities } from '../domain/capabilities';
import { PARTNER_WILL_SEE } from '../domain/disclosure';
import type { FormCheck } from '../domain/partner-form';
import { Button } from './button';
import { Notice } from './notice';
import { Name, PartnerName } from './partner-name';
import { FailureText } from './failure-text';
import { type About, ABOUT_WORDS } from '../words/about';
import { t } from '../words/words';

interface CheckedPartnerProps {
  readonly check: FormCheck | null;
  /** What the backend can do; null where there is none. */
  readonly can: Capabilities | null;
  /** What the name is, where that does not go without saying. */
  readonly title?: string;
  /** What it is saved as; the record unless given. */
  readonly about?: About;
  /** Saving it is under way. */
  readonly busy?: boolean;
  /** Null where it is not saved. */
  readonly onSave: (() => void) | null;
  readonly onSignIn: () => void;
}

/** Whose ID it is, what that partner will see, and only then Save. The region stays, so that a name that comes is read out. */
export function CheckedPartner(props: CheckedPartnerProps) {
  const { check, can, title, about = 'record', busy = false, onSave, onSignIn } = props;
  const words = ABOUT_WORDS[about];
  return (
    <div class="stack asked" data-about={check?.kind === 'found' ? `save ${check.partner.partnerId}` : undefined}>
      <div aria-live="polite" class="checked">
        {check?.kind === 'found' && (
          <>
            {title !== undefined && check.saves !== null && <p class="muted small">{title}</p>}
            <p class="partner">
              <PartnerName partner={check.partner} />
            </p>
            {check.location !== null && (
              <p class="muted small">
                <Name text={check.location} />
              </p>
            )}
            {check.partner.name === null && check.saves !== null && <p class="muted small">{t(words.nameLater)}</p>}
            {check.saves === null && <p>{t(words.same)}</p>}
          </>
        )}
      </div>
      {check?.kind === 'found' && check.saves !== null && (
        <>
          {can?.shares && (
            <details class="disclosure">
              <summary>{t('panel.willSee')}</summary>
              <ul class="bullets small">
                {PARTNER_WILL_SEE.map((what) => (
                  <li key={what}>{t(`disclosure.${what}`)}</li>
                ))}
              </ul>
            </details>
          )}
          {onSave !== null && (
            <div class="row" data-focus="change">
              <Button kind="primary" busy={busy} onPress={onSave}>
                {t(words.save)}
              </Button>
              {can?.mails && (
                <span class="muted small">
                  {check.saves === 'assign' ? t('panel.mailAssigned') : t('panel.mailChanged')}
                </span>
              )}
            </div>
          )}
        </>
      )}
      {check?.kind === 'unknownPartner' && (
        <Notice role="alert" tone="bad">
          {t('panel.unknownPartner', { partnerId: check.partnerId })}
        </Notice>
      )}
      {check?.kind === 'failed' && (
        <Notice
          role="alert"
          tone="bad"
          actions={
            check.failure.reason === 'signInNeeded' && (
              <Button weight="free" onPress={onSignIn}>
                {t('pages.signIn')}
              </Button>
            )
          }
        >
          <FailureText failure={check.failure} />
        </Notice>
      )}
    </div>
  );
}
