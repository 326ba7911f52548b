import { call } from '../messaging/call';
import { t } from '../words/words';

/** Signs in, or leads to where that is done; answers in words why nobody is signed in, null when somebody is or may be soon. */
export async function signIn(): Promise<string | null> {
  const outcome = await call('signIn.start', { another: false });
  switch (outcome) {
    case 'signedIn':
    case 'optionsOpened':
      return null;
    case 'cancelled':
    case 'failed':
    case 'providerAway':
      return t(`popup.signIn.${outcome}`);
  }
}
