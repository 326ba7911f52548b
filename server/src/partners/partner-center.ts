import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { PartnerId } from '../../../src/domain/partner';
import { isToken, pastedToken } from '../../../src/domain/pasted-text';
import { readAtMost } from '../bounded-answer';
import { storableText } from '../edge';

/** Where Partner Center is asked, and with which access token. A file is read again for each question. */
export interface PartnerCenter {
  readonly url: string;
  readonly token: { readonly kind: 'text'; readonly text: string } | { readonly kind: 'file'; readonly path: string };
}

export type PartnerCenterAnswer =
  | { readonly kind: 'found'; readonly name: string }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'unavailable'; readonly retryAfterSeconds: number };

/** Asks for a partner's name. Does not throw: whatever goes wrong is `unavailable`. */
export type LookUpPartner = (partnerId: PartnerId) => Promise<PartnerCenterAnswer>;

const ANSWER_WITHIN_MS = 5000;
const LARGEST_ANSWER_BYTES = 64 * 1024;
const LONGEST_WAIT_SECONDS = 60 * 60;
const USUAL_WAIT_SECONDS = 10;
const NO_SUCH_PARTNER = 3000;

const profile = v.object({ mpnId: v.string(), partnerName: v.pipe(storableText, v.trim(), v.nonEmpty()) });
const refusal = v.object({ code: v.literal(NO_SUCH_PARTNER) });

/** Partner Center did not answer as documented; how long to leave it alone. */
class NoAnswer extends Error {
  constructor(
    message: string,
    readonly waitSeconds = USUAL_WAIT_SECONDS,
  ) {
    super(message);
  }
}

/**
 * A look-up of partners by the profile of their ID at Partner Center. After a failure, of which `onFailure` hears, it is left
 * alone for a while.
 */
export function partnerCenterLookUp(
  center: PartnerCenter,
  onFailure: (error: unknown, sentence: string) => void,
): LookUpPartner {
  let leaveAloneUntil = 0;

  return async (partnerId) => {
    const wait = Math.ceil((leaveAloneUntil - performance.now()) / 1000);
    if (wait > 0) return { kind: 'unavailable', retryAfterSeconds: wait };
    try {
      return await ask(center, partnerId);
    } catch (error) {
      const retryAfterSeconds = error instanceof NoAnswer ? error.waitSeconds : USUAL_WAIT_SECONDS;
      leaveAloneUntil = performance.now() + retryAfterSeconds * 1000;
      onFailure(error, `Partner Center cannot be asked; the next time is in ${retryAfterSeconds} s`);
      return { kind: 'unavailable', retryAfterSeconds };
    }
  };
}

async function ask(center: PartnerCenter, partnerId: PartnerId): Promise<PartnerCenterAnswer> {
  const token = await readToken(center.token);
  const response = await fetch(`${center.url}/v1/profiles/mpn?mpnId=${partnerId}`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
  const body = await readAtMost(response, LARGEST_ANSWER_BYTES);
  if (response.status === 200) {
    const { mpnId, partnerName } = v.parse(profile, parseJson(body));
    if (mpnId !== partnerId) throw new NoAnswer('Asked about one partner, Partner Center answered about another.');
    return { kind: 'found', name: partnerName };
  }
  // A 404 without this code would be that of a wrong address, and says nothing of the partner.
  if (response.status === 404 && v.is(refusal, parseJson(body))) return { kind: 'unknown' };
  throw new NoAnswer(`Partner Center answered ${response.status}.`, retryAfterOf(response));
}

async function readToken(token: PartnerCenter['token']): Promise<string> {
  const text = pastedToken(token.kind === 'text' ? token.text : await readFile(token.path, 'utf8'));
  // fetch would say what is wrong with the header, the token included.
  if (!isToken(text)) throw new NoAnswer('The access token for Partner Center is empty or no token.');
  return text;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new NoAnswer('The answer of Partner Center is not JSON.');
  }
}

function retryAfterOf(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return seconds > 0 ? Math.min(Math.ceil(seconds), LONGEST_WAIT_SECONDS) : USUAL_WAIT_SECONDS;
}
