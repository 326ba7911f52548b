import { useEffect, useState } from 'preact/hooks';

/** Whether the window is as a media query says. */
export function useMedia(query: string): boolean {
  const [isSo, setSo] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const ended = new AbortController();
    const list = matchMedia(query);
    list.addEventListener('change', () => setSo(list.matches), { signal: ended.signal });
    setSo(list.matches);
    return () => ended.abort();
  }, [query]);
  return isSo;
}
