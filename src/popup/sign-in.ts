import { call } from '../messaging/call';
import { windowText } from '../words/window';

/**
 * Signs in at that connection, or the default, or leads to where that is done. Answers in words why nobody is signed in, null when
 * somebody is or may be soon.
 */
export async function signIn(at: { readonly connectionId?: string } = {}): Promise<string | null> {
  return windowText(await call('signIn.start', { another: false, ...at }));
}
