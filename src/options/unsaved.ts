import { useLayoutEffect } from 'preact/hooks';

type Form = 'connection' | 'history' | 'partnerLinks' | 'portals';

/** The forms of this page that hold what was typed or chosen and not saved. */
const forms = new Set<Form>();

/** Whether anything in that form, on the whole page without one, was typed or chosen and not saved. */
export function hasUnsavedInput(form?: Form): boolean {
  return form === undefined ? forms.size > 0 : forms.has(form);
}

/** While a form holds unsaved input, the browser asks before the page goes, and the page before it replaces that. */
export function useUnsavedInput(form: Form, isUnsaved: boolean): void {
  // Before anything else can be pressed.
  useLayoutEffect(() => {
    if (!isUnsaved) return;
    const ended = new AbortController();
    forms.add(form);
    addEventListener('beforeunload', (event) => event.preventDefault(), { signal: ended.signal });
    return () => {
      forms.delete(form);
      ended.abort();
    };
  }, [isUnsaved]);
}
