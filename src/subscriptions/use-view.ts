import { useEffect, useRef, useState } from 'preact/hooks';
import { queryOf, type View, viewIn } from './view';

/**
 * The view that the page's address asks for, and a way to another one, which the address then has: so it can be bookmarked, and Back
 * leads to the one before. What is typed letter by letter is one step.
 */
export function useView(): readonly [View, (change: Partial<View>) => void] {
  const [view, setView] = useState(() => viewIn(location.search));
  const present = useRef(view);
  const isTyping = useRef(false);

  useEffect(() => {
    const ended = new AbortController();
    const { signal } = ended;
    const read = () => {
      present.current = viewIn(location.search);
      isTyping.current = false;
      setView(present.current);
    };
    const stopTyping = () => {
      isTyping.current = false;
    };
    addEventListener('popstate', read, { signal });
    document.addEventListener('focusout', stopTyping, { signal });
    return () => ended.abort();
  }, []);

  const change = (to: Partial<View>) => {
    const next = { ...present.current, ...to };
    present.current = next;
    setView(next);
    const address = `${location.pathname}${queryOf(next)}`;
    if (to.text !== undefined && isTyping.current) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
    isTyping.current = to.text !== undefined;
  };
  return [view, change];
}
