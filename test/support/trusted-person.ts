/** Acts like a person: jsdom lets scripts only dispatch events that are not trusted, so these go in below `dispatchEvent`. */

interface Inside {
  isTrusted: boolean;
  _dispatch(event: Inside): boolean;
}

/** jsdom's own object behind a wrapper. */
function inside(wrapper: object): Inside {
  const key = Object.getOwnPropertySymbols(wrapper).find(({ description }) => description === 'impl');
  if (key === undefined) throw new Error('jsdom looks different inside');
  return Reflect.get(wrapper, key) as Inside;
}

function dispatchTrusted(target: EventTarget, event: Event): void {
  const impl = inside(event);
  impl.isTrusted = true;
  inside(target)._dispatch(impl);
}

export function press(element: HTMLElement): void {
  dispatchTrusted(element, new MouseEvent('pointerdown', { bubbles: true, composed: true, cancelable: true }));
  element.focus();
  dispatchTrusted(element, new MouseEvent('click', { bubbles: true, composed: true, cancelable: true }));
}

export function pressKey(element: HTMLElement, key: string): void {
  for (const type of ['keydown', 'keyup']) {
    dispatchTrusted(element, new KeyboardEvent(type, { key, bubbles: true, composed: true, cancelable: true }));
  }
}

export function type(input: HTMLInputElement, text: string): void {
  input.focus();
  input.value = text;
  dispatchTrusted(input, new InputEvent('beforeinput', { bubbles: true, composed: true, cancelable: true }));
  dispatchTrusted(input, new InputEvent('input', { bubbles: true, composed: true }));
}
