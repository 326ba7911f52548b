import { isLoopbackName } from '../hosts';

/** Whether a text is an address that tokens may be sent to: https, or http on this machine; without query or fragment. */
export function isSafeAddress(text: string): boolean {
  return URL.canParse(text) && !/[?#]/.test(text) && isHttpsOrOwn(new URL(text));
}

/** Whether a text is an address to show to people, who are to open it. */
export function isPageAddress(text: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return isHttpsOrOwn(url) && url.username === '' && url.password === '';
}

function isHttpsOrOwn({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && isLoopbackName(hostname));
}
