import * as v from 'valibot';
import { BackendError } from './backend';
import { failed, readBody, unreadable } from './http';
import type { Requests } from './requests';

/** As many pages as are followed: Azure shows some hundred rows on each. */
const MOST_PAGES = 50;

const nextLinkSchema = v.nullish(v.string(), null);

/**
 * All rows of one of Azure's lists, page after page.
 * @param first the address of the first page; the others are on the same origin
 * @throws {BackendError} as every request does, and where a page leads elsewhere, or back, or there are too many
 */
export async function readPages<T>(
  first: string,
  rowSchema: v.GenericSchema<unknown, T>,
  { send }: Pick<Requests, 'send'>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const pageSchema = v.object({ value: v.array(rowSchema), nextLink: nextLinkSchema });
  const { origin } = new URL(first);
  const met = new Set<string>();
  const rows: T[] = [];
  for (let url = first; ; ) {
    met.add(url);
    const answer = await send({ method: 'GET', url }, signal);
    if (!answer.ok) throw failed(answer);
    const { value, nextLink } = readBody(answer, pageSchema);
    rows.push(...value);
    if (nextLink === null || nextLink === '') return rows;
    // Azure may write its own port or name otherwise than we do.
    const next = URL.canParse(nextLink) ? new URL(nextLink) : null;
    const isThere = next !== null && next.origin === origin && next.username === '' && next.password === '';
    if (!isThere || met.has(next.href)) throw unreadable(answer, { code: 'fieldUnexpected', field: 'nextLink' });
    if (met.size === MOST_PAGES) throw new BackendError({ reason: 'tooLarge', status: answer.status });
    url = next.href;
  }
}
