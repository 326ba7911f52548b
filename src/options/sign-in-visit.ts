import { useEffect, useState } from 'preact/hooks';
import { type SignInVisit, visitLeftMs } from '../domain/sign-in-visit';
import { call } from '../messaging/call';
import { consoleLog } from '../platform/log';
import { onSignInVisit } from '../storage/sign-in-visit';

/**
 * Why the person was led here to sign in, until they have, which `end` says, or until that is too long ago. Null when they came by
 * themselves.
 */
export function useSignInVisit(): { readonly visit: SignInVisit | null; readonly end: () => void } {
  const [visit, setVisit] = useState<SignInVisit | null>(null);
  useEffect(() => {
    if (visit === null) return;
    const timer = setTimeout(() => setVisit(null), visitLeftMs(visit, Date.now()));
    return () => clearTimeout(timer);
  }, [visit]);
  useEffect(() => {
    const ended = new AbortController();
    const take = () => {
      call('signIn.visit', {}).then(
        (led) => {
          if (led !== null && !ended.signal.aborted) setVisit(led);
        },
        (cause: unknown) => consoleLog.error('Why the options were opened could not be told', cause),
      );
    };
    // The page may be open already when somebody is led to it.
    onSignInVisit(take, ended.signal);
    take();
    return () => ended.abort();
  }, []);
  return { visit, end: () => setVisit(null) };
}
