import { useEffect, useRef } from 'preact/hooks';
import { Help } from '../ui/help';
import { HelpWho } from '../ui/help-who';
import { t } from '../words/words';
import { Section } from './section';
import { Shortcut } from './shortcut';

/** What people ask themselves, and how to open the extension with the keyboard. Every page's foot leads here. */
export function HelpSection() {
  const here = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const come = () => {
      if (location.hash !== '#help') return;
      here.current?.scrollIntoView();
      here.current?.querySelector('summary')?.focus({ preventScroll: true });
    };
    const ended = new AbortController();
    addEventListener('hashchange', come, { signal: ended.signal });
    come();
    return () => ended.abort();
  }, []);
  return (
    <div ref={here}>
      <Section title={t('help.title')}>
        <div class="stack-tight">
          <Help about="partnerId" />
          <HelpWho />
          <Help about="whom" />
        </div>
        <Shortcut />
      </Section>
    </div>
  );
}
