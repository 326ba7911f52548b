import { PARTNER_WILL_SEE } from '../domain/disclosure';
import { Button } from '../ui/button';
import { Notice } from '../ui/notice';
import { Name, PartnerName } from '../ui/partner-name';
import { failureText, PANEL } from '../ui/strings';
import { ConfirmInExtension } from './confirm-in-extension';
import type { Acts } from './panel-controller';
import type { FormCheck } from './panel-state';

interface CheckedPartnerProps {
  readonly check: FormCheck | null;
  /** Saved is elsewhere. */
  readonly confirms: boolean;
  readonly acts: Acts;
}

/** Whose ID it is, what that partner will see, and only then Save. The region stays, so that a name that comes is read out. */
export function CheckedPartner({ check, confirms, acts }: CheckedPartnerProps) {
  return (
    <div class="stack panel-asked" data-about={check?.kind === 'found' ? `save ${check.partner.partnerId}` : undefined}>
      <div aria-live="polite" class="panel-checked">
        {check?.kind === 'found' && (
          <>
            <p class="panel-partner">
              <PartnerName partner={check.partner} />
            </p>
            {check.location !== null && (
              <p class="muted small">
                <Name text={check.location} />
              </p>
            )}
            {check.saves === null && <p>{PANEL.same}</p>}
          </>
        )}
      </div>
      {check?.kind === 'found' && check.saves !== null && (
        <>
          <details class="disclosure">
            <summary>{PANEL.willSee}</summary>
            <ul class="bullets small">
              {PARTNER_WILL_SEE.map((what) => (
                <li key={what}>{what}</li>
              ))}
            </ul>
          </details>
          {!confirms && (
            <div class="row">
              <Button kind="primary" onPress={acts.save}>
                {PANEL.save}
              </Button>
              <span class="muted small">{check.saves === 'assign' ? PANEL.mailAssigned : PANEL.mailChanged}</span>
            </div>
          )}
        </>
      )}
      {check?.kind === 'unknownPartner' && (
        <Notice role="alert" tone="bad">
          {PANEL.unknownPartner(check.partnerId)}
        </Notice>
      )}
      {check?.kind === 'confirmInExtension' && (
        <Notice role="alert" tone="warn" actions={<ConfirmInExtension acts={acts} />}>
          {PANEL.checkInExtension}
        </Notice>
      )}
      {check?.kind === 'failed' && (
        <Notice
          role="alert"
          tone="bad"
          actions={
            check.failure.reason === 'signInNeeded' && (
              <Button weight="free" onPress={acts.signIn}>
                {PANEL.signIn}
              </Button>
            )
          }
        >
          {failureText(check.failure)}
        </Notice>
      )}
    </div>
  );
}
