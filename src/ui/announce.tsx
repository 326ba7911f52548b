import { useEffect, useState } from 'preact/hooks';

interface AnnouncedProps {
  /** What came of something; null while there is nothing to tell. The same words again are not read out again. */
  readonly words: string | null;
  /** Drawn as a notice of that tone; without one it is a small line. */
  readonly tone?: 'plain' | 'good' | 'warn';
  /** For what follows typing: told once it has stayed the same for so many milliseconds, so that not each key is read out. */
  readonly settlesMs?: number;
}

/**
 * What is read out once, where it is seen. The element stays while its words come and go: assistive technology reads out what
 * changes in a live region, and not reliably one that comes with its words in it. Problems are an `alert` of `Notice` instead.
 */
export function Announced({ words, tone, settlesMs = 0 }: AnnouncedProps) {
  const settled = useSettled(words, settlesMs);
  const drawn = tone === undefined ? 'muted small' : `notice notice-${tone}`;
  return (
    <div class="announced" role="status">
      {settled !== null && <p class={drawn}>{settled}</p>}
    </div>
  );
}

/** The words once they have stayed the same for so long; null until then. */
function useSettled(words: string | null, settlesMs: number): string | null {
  const [settled, setSettled] = useState(words);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(words), settlesMs);
    return () => clearTimeout(timer);
  }, [words, settlesMs]);
  return settlesMs === 0 || settled === words ? words : null;
}
