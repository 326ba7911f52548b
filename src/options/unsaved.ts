import { useEffect } from 'preact/hooks';

/** The forms of this page that hold what was typed or chosen and not saved. */
const forms = new Set<object>();

/** Whether anything on the page was typed or chosen and not saved. */
export function hasUnsavedInput(): boolean {
  return forms.size > 0;
}

/** While a form holds unsaved input, the browser asks before the page goes, and the page before it replaces that. */
export function useUnsavedInput(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return;
    const form = {};
    const ended = new AbortController();
    forms.add(form);
    addEventListener('beforeunload', (event) => event.preventDefault(), { signal: ended.signal });
    return () => {
      forms.delete(form);
      ended.abort();
    };
  }, [isUnsaved]);
}
