import { useContext } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import { failureSentence, failureText } from '../words/failure';
import { OnPageContext } from './on-page';

interface FailureTextProps {
  readonly failure: Failure;
  /** What people call the service, for failures that do not say it themselves. */
  readonly service?: string | null;
}

/** What went wrong with a call, and what to do next. A panel has what is technical behind “Details”. */
export function FailureText({ failure, service = null }: FailureTextProps) {
  const isOnPage = useContext(OnPageContext) !== null;
  return <>{isOnPage ? failureSentence(failure, service) : failureText(failure, service)}</>;
}
