import { useContext } from 'preact/hooks';
import type { Failure } from '../domain/failure';
import type { About } from '../words/about';
import { failureText, failureWords } from '../words/failure';
import { OnPageContext } from './on-page';
import { Name } from './partner-name';
import { Sentence } from './sentence';

interface FailureTextProps {
  readonly failure: Failure;
  /** What people call the service, for failures that do not say it themselves. */
  readonly service?: string | null;
  /** What was asked for; the record unless given. */
  readonly about?: About;
}

/**
 * What went wrong with a call, and what to do next. A panel has what is technical behind “Details”, and what the service said, which
 * may hold names, is drawn as they are.
 */
export function FailureText({ failure, service = null, about = 'record' }: FailureTextProps) {
  const isOnPage = useContext(OnPageContext) !== null;
  if (!isOnPage) return <>{failureText(failure, service, about)}</>;
  const { sentence, quotation } = failureWords(failure, service, about);
  if (quotation === null) return <>{sentence}</>;
  return <Sentence of={quotation.of} with={{ sentence, said: <Name text={quotation.said} /> }} />;
}
