import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PartnerPage } from '../../../server/partner-page/partner-page';
import { ReaderContext, readerOf } from '../../../server/partner-page/reader';
import { ENGLISH } from '../../../server/words/english';
import { wordsOf } from '../../../server/words/words';
import { inGeorgianLetters, inOtherScript } from '../../server/support/other-script';
import { says, text } from '../../support/screen';

const NAMES = {
  name: inGeorgianLetters('Pat'),
  organization: inGeorgianLetters('Fabrikam'),
  support: inGeorgianLetters('desk'),
};
const shared = (number: number, usage: readonly object[]) => ({
  customer: { id: `1${number}`, name: inGeorgianLetters('Contoso') },
  subscriptionId: `89${number}`,
  displayName: inGeorgianLetters('Production'),
  service: 'azure',
  startDate: '2025-01-01T00:00:00Z',
  endDate: '2027-01-01T00:00:00Z',
  associatedAt: '2025-03-01T00:00:00Z',
  usage,
});
const USAGE = [
  { month: '2026-01', service: 'azure', amount: 12.5, currency: '₾' },
  { month: '2026-02', service: 'azure', amount: 1300, currency: '₾' },
  { month: '2026-03', service: 'azure', amount: 2, currency: '₾' },
  { month: '2026-02', service: 'ems', seats: 1 },
];

/** What the service answers, by the end of the address. */
let answers: Record<string, () => Response>;

beforeEach(() => {
  answers = {
    'sign-in.json': () => Response.json({ kind: 'accessToken' }),
    me: () => Response.json({ ...NAMES, principalId: '7', partnerId: '4852013' }),
    '4852013': () =>
      Response.json(
        { partnerId: '4852013', name: inGeorgianLetters('Fabrikam') },
        { headers: { date: 'Sun, 15 Mar 2026 12:00:00 GMT' } },
      ),
    subscriptions: () =>
      Response.json(
        { value: [shared(1, USAGE), shared(2, [])] },
        { headers: { date: 'Sun, 15 Mar 2026 12:00:00 GMT' } },
      ),
  };
  vi.stubGlobal('fetch', async (url: URL) => {
    const name = url.pathname.split('/').at(-1) ?? '';
    const answer = answers[name];
    if (answer === undefined) throw new TypeError(`Nobody answers ${url}`);
    return answer();
  });
  sessionStorage.setItem('accessToken', 'planted');
});

afterEach(() => {
  render(null, document.body);
  sessionStorage.clear();
});

function open(words = wordsOf(inOtherScript(ENGLISH), 'en-US')): void {
  render(
    <ReaderContext.Provider value={readerOf(words)}>
      <PartnerPage />
    </ReaderContext.Provider>,
    document.body,
  );
}

/** Everything that somebody reads or hears, with a Latin letter in it. */
function inLatin(): string[] {
  const HEARD = ['aria-label', 'title', 'placeholder', 'alt', 'data-label'];
  const heard = [...document.body.querySelectorAll('*')].flatMap((element) =>
    HEARD.map((name) => element.getAttribute(name) ?? ''),
  );
  return [text(), ...heard].filter((words) => /\p{Script=Latin}/u.test(words));
}

const georgian = (sentence: string) => says(inGeorgianLetters(sentence));

describe('the access token', () => {
  const enter = async (typed: string) => {
    sessionStorage.clear();
    open();
    await georgian('Sign in to see');
    const box = document.querySelector('input');
    if (box === null) throw new Error('No box for the token');
    box.value = typed;
    box.dispatchEvent(new Event('input', { bubbles: true }));
    // Drawn with what was typed.
    await new Promise((resolve) => requestAnimationFrame(resolve));
    document.querySelector('form')?.requestSubmit();
  };

  it('is taken as it is pasted, with its scheme, quotes and line ends', async () => {
    await enter('Bearer "se\u200bcret" \u2028');
    await vi.waitFor(() => expect(sessionStorage.getItem('accessToken')).toBe('secret'));
  });

  it('is refused where it is none, and nobody is asked with it', async () => {
    await enter('your secret…');
    await georgian('This is not an access token');
    expect(sessionStorage.getItem('accessToken')).toBeNull();
  });
});

describe('every sentence of the page is in the catalogue', () => {
  it('before signing in, with a token that is missing and with one that is refused', async () => {
    sessionStorage.clear();
    open();
    await georgian('Sign in to see');
    expect(inLatin()).toEqual([]);
    document.querySelector('form')?.requestSubmit();
    await georgian('Enter your access token.');
    expect(inLatin()).toEqual([]);
  });

  it('after a refused token', async () => {
    answers['me'] = () => new Response(null, { status: 401 });
    open();
    await georgian('The service refused this access token');
    expect(document.querySelector('[role=alert]')?.className).toContain('notice-bad');
    expect(inLatin()).toEqual([]);
  });

  it('for the partner, with all that is shared', async () => {
    open();
    await georgian('What your customers share with you');
    for (const button of document.querySelectorAll<HTMLElement>('.unfold')) button.click();
    await georgian('Month');
    expect(inLatin()).toEqual([]);
    const search = document.querySelector<HTMLInputElement>('input[type=search]');
    if (search === null) throw new Error('Nothing to search in');
    search.value = '892';
    search.dispatchEvent(new Event('input', { bubbles: true }));
    await georgian('found');
    expect(inLatin()).toEqual([]);
    search.value = 'nobody';
    search.dispatchEvent(new Event('input', { bubbles: true }));
    await georgian('Nothing matches.');
    expect(inLatin()).toEqual([]);
  });

  it('for the partner of nobody, and for somebody else', async () => {
    answers['subscriptions'] = () => Response.json({ value: [] });
    open();
    await georgian('No subscription names you');
    expect(inLatin()).toEqual([]);
    render(null, document.body);
    answers['me'] = () => Response.json({ ...NAMES, principalId: '7' });
    open();
    await georgian('This page is for partners');
    expect(inLatin()).toEqual([]);
  });

  it('when the service refuses, answers what cannot be read, or does not answer', async () => {
    const said = inGeorgianLetters('Not today.');
    answers['me'] = () =>
      Response.json({ error: { message: said } }, { status: 403, headers: { 'x-request-id': '17' } });
    open();
    await says(said);
    expect(inLatin()).toEqual([]);
    render(null, document.body);
    answers['me'] = () => Response.json({});
    open();
    await georgian('This page cannot read');
    expect(inLatin()).toEqual([]);
    render(null, document.body);
    delete answers['me'];
    open();
    await georgian('The service does not answer.');
    expect(inLatin()).toEqual([]);
  });
});

/** Presses the button that downloads the table, and gives the text of the file. */
async function downloaded(): Promise<string> {
  const blobs: Blob[] = [];
  vi.stubGlobal(
    'URL',
    class extends URL {
      static override createObjectURL = (blob: Blob) => {
        blobs.push(blob);
        return '#';
      };
      static override revokeObjectURL = () => undefined;
    },
  );
  for (const button of document.querySelectorAll('button')) if (button.textContent === 'Download CSV') button.click();
  vi.unstubAllGlobals();
  const [file] = blobs;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file?.arrayBuffer());
}

describe('in English', () => {
  beforeEach(() => {
    answers['subscriptions'] = () => Response.json({ value: [shared(1, USAGE), shared(2, USAGE)] });
  });

  it('gives a file in which no name runs or is altered, IDs keep every digit, and numbers are numbers', async () => {
    const hostile = {
      ...shared(1, [{ month: '2026-01', service: 'azure', amount: -12.5, currency: '+EUR' }]),
      customer: { id: '0004852013', name: '1/2' },
      subscriptionId: '1e5',
      displayName: 'x;=1+1;y',
    };
    answers['subscriptions'] = () => Response.json({ value: [hostile] });
    open(wordsOf(ENGLISH, 'en-GB'));
    await says('Download CSV');
    const [, row] = (await downloaded()).split('\r\n');
    expect(row).toBe(
      '"\t0004852013","\t1/2","\t1e5","x;\'=1+1;y",azure,2025-01-01T00:00:00Z,2027-01-01T00:00:00Z,2025-03-01T00:00:00Z,2026-01,azure,-12.5,\'+EUR,',
    );
  });

  it('names by its ID a subscription whose name is blank', async () => {
    answers['subscriptions'] = () => Response.json({ value: [{ ...shared(1, []), displayName: ' ' }] });
    open(wordsOf(ENGLISH, 'en-GB'));
    await vi.waitFor(() => expect(document.querySelector('tbody th')?.firstElementChild?.textContent).toBe('891'));
  });

  it('a month that has not ended by the service’s clock says so, and the last that has is told first', async () => {
    open(wordsOf(ENGLISH, 'en-GB'));
    await says('Feb 2026: 1,300.00 ₾');
    await says('Mar 2026, so far: 2.00 ₾');
    expect(document.querySelectorAll('rect.open')).toHaveLength(2);
  });

  it('the totals add up what is shown, by service and unit', async () => {
    open(wordsOf(ENGLISH, 'en-GB'));
    await says('Totals');
    const rows = [...document.querySelectorAll('.totals tbody tr')].map((row) =>
      [...row.querySelectorAll('th, td')].map((cell) => cell.textContent),
    );
    expect(rows).toEqual([
      ['Azure, ₾', '2,600.00 ₾', '4.00 ₾', '2,629.00 ₾'],
      ['Enterprise Mobility + Security, seats', '2 seats', '0 seats', '2 seats'],
    ]);
  });
});
