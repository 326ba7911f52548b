import type { ComponentChildren } from 'preact';
import { t } from '../words/words';
import { PageFoot, type PageFootProps } from './page-foot';
import { ProblemNotice } from './problem-notice';
import { ReadingSettings } from './reading-settings';
import type { Live } from './use-live';

interface WholePageProps<T> {
  readonly title: string;
  /** The classes of what stands between head and foot. */
  readonly look: string;
  readonly about: PageFootProps;
  /** Whose the record is, where that is not only the organisation's. */
  readonly whose?: string;
  /** What the page shows, which is read first. */
  readonly stored: Live<T>;
  readonly children: (stored: T) => ComponentChildren;
}

/** A page that has a tab to itself: its name above what it is for, and whose the record is below. */
export function WholePage<T>({ title, look, about, whose, stored, children }: WholePageProps<T>) {
  return (
    <>
      <header class="page-head">
        <img src="/icons/icon-128.png" alt="" width="32" height="32" />
        <div>
          <p class="small muted">{t('pages.product')}</p>
          <h1>{title}</h1>
        </div>
      </header>
      <main class={`page-main ${look}`}>
        {stored.state === 'reading' && <ReadingSettings />}
        {stored.state === 'failed' && <ProblemNotice cause={stored.cause} />}
        {stored.state === 'here' && children(stored.value)}
      </main>
      <footer class="page-foot muted small">
        <p>{whose ?? t('pages.whoseRecord')}</p>
        <PageFoot {...about} />
      </footer>
    </>
  );
}
