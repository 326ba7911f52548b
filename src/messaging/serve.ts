import * as v from 'valibot';
import { OWN_PAGES, type OwnPage } from '../domain/change-request';
import { storageProblemIn } from '../domain/storage-problem';
import { browser, type Runtime } from '../platform/browser';
import { describe, type Log } from '../platform/log';
import {
  type Crossing,
  type MessageAnswer,
  type MessageName,
  type MessageOutput,
  type Protocol,
  protocol,
} from './protocol';

/** Who sent a message, as far as the browser vouches for it. */
export type VerifiedSender =
  /** `tabId`: of the tab it stands in; null for the popup. `page`: which one it is, by its path; null for another file of ours. */
  | { readonly kind: 'page'; readonly tabId: number | null; readonly page: OwnPage | null }
  | {
      readonly kind: 'portal';
      readonly tabId: number /** The tab's address when the message arrived. */;
      readonly address: string;
    };

export type Handlers = {
  readonly [N in MessageName]: (input: MessageOutput<N>, sender: VerifiedSender) => Promise<MessageAnswer<N>>;
};

/** Thrown by a handler when this sender may not ask for that: crosses as `notAllowed`. */
export class NotAllowed extends Error {}

/**
 * Decides who a sender is; null for everybody else. Deny by default: our own ID; then an extension page (our origin, top
 * frame) or the content script in the top frame of a portal. `sender.url` is stale after a route change and decides nothing.
 * @param isPortalOrigin whether that origin is one of the portals switched on
 */
export function verifySender(
  sender: Runtime.MessageSender,
  own: { readonly id: string; readonly origin: string },
  isPortalOrigin: (origin: string) => boolean,
): VerifiedSender | null {
  if (sender.id !== own.id) return null;
  const { tab, frameId } = sender;
  const origin = originOf(sender);
  // A page in a popup may have no frame ID; one in a tab has 0, and a frame more than that.
  if (origin === own.origin) {
    if (frameId !== undefined && frameId !== 0) return null;
    return { kind: 'page', tabId: tab?.id ?? null, page: ownPageOf(sender.url) };
  }
  if (frameId !== 0 || origin === null || tab?.id === undefined || tab.url === undefined) return null;
  if (!isPortalOrigin(origin)) return null;
  // The tab has gone elsewhere since: what this script shows is not what the person sees.
  if (!URL.canParse(tab.url) || new URL(tab.url).origin !== origin) return null;
  return { kind: 'portal', tabId: tab.id, address: tab.url };
}

/** A page of ours keeps its path for as long as it is there. */
function ownPageOf(url: string | undefined): OwnPage | null {
  if (url === undefined || !URL.canParse(url)) return null;
  const { pathname } = new URL(url);
  return OWN_PAGES.find((page) => pathname === `/src/${page}/index.html`) ?? null;
}

function originOf(sender: Runtime.MessageSender & { origin?: string }): string | null {
  if (sender.origin !== undefined) return sender.origin;
  // An older Firefox: a route change alters an address, never its origin.
  return sender.url !== undefined && URL.canParse(sender.url) ? new URL(sender.url).origin : null;
}

/**
 * Listens for the protocol's messages. The listener says at once whether it will answer, and it answers only what is its own: an
 * `async` one would answer every message there is. A promise as the answer is not known to every Chromium of ours.
 */
export function serve(handlers: Handlers, isPortalOrigin: () => Promise<(origin: string) => boolean>, log: Log): void {
  const own = { id: browser.runtime.id, origin: browser.runtime.getURL('').replace(/\/$/, '') };
  const listener = (received: unknown, sender: Runtime.MessageSender, respond: (answer: unknown) => void) => {
    const envelope = v.safeParse(envelopeSchema, received);
    if (!envelope.success) return undefined;
    const { name, input } = envelope.output;
    isPortalOrigin()
      .then((isPortal) => answer(name, input, verifySender(sender, own, isPortal), handlers))
      .catch((cause: unknown): Crossing<never> => {
        log.error(`The message ${name} failed`, cause);
        const storage = storageProblemIn(cause);
        if (storage !== null) return { ok: false, problem: 'storage', detail: storage };
        return { ok: false, problem: 'failed', detail: describe(cause) };
      })
      .then(respond);
    return true;
  };
  // The types know only listeners that answer everything or nothing.
  browser.runtime.onMessage.addListener(listener as Runtime.OnMessageListenerCallback);
}

const names = Object.keys(protocol) as MessageName[];
const envelopeSchema = v.object({ name: v.picklist(names), input: v.unknown() });

/** Answers one message: the sender first, then the shape of its input, then the handler. */
export async function answer<N extends MessageName>(
  name: N,
  input: unknown,
  sender: VerifiedSender | null,
  handlers: Pick<Handlers, N>,
): Promise<Crossing<MessageAnswer<N>>> {
  if (sender === null || !protocol[name].from.includes(sender.kind)) {
    return { ok: false, problem: 'notAllowed', detail: `Not a sender of ${name}` };
  }
  const parsed = v.safeParse<Protocol[N]['input']>(protocol[name].input, input);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return { ok: false, problem: 'badInput', detail: `${v.getDotPath(issue) ?? name}: ${issue.message}` };
  }
  try {
    return { ok: true, answer: await handlers[name](parsed.output, sender) };
  } catch (cause) {
    if (cause instanceof NotAllowed) return { ok: false, problem: 'notAllowed', detail: cause.message };
    throw cause;
  }
}
