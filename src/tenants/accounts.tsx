import { visibleText } from '../domain/visible-text';
import type { LinkAccount } from '../messaging/protocol';
import { browser } from '../platform/browser';
import { Button } from '../ui/button';
import { Name } from '../ui/partner-name';
import { t } from '../words/words';

interface AccountsProps {
  /** Those that are signed in. */
  readonly accounts: readonly LinkAccount[];
  readonly busy: boolean;
  readonly onSignOut: (account: LinkAccount) => void;
}

/** Who is signed in, each with the way out, and the way to all else that is set. */
export function Accounts({ accounts, busy, onSignOut }: AccountsProps) {
  return (
    <div class="tenant-accounts">
      {accounts.length > 0 && (
        <ul aria-label={t('options.accounts')}>
          {accounts.map((account) => (
            <li key={account.user}>
              <Name text={account.name} />
              <Button
                kind="quiet"
                busy={busy}
                label={t('options.signOutOf', { name: visibleText(account.name) })}
                onPress={() => onSignOut(account)}
              >
                {t('options.signOut')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <a href={browser.runtime.getURL('src/options/index.html')} target="_blank" rel="noreferrer">
        {t('popup.options')}
      </a>
    </div>
  );
}
