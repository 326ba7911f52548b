import { render } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CopyRequest } from '../../../src/ui/copy-request';
import { Help } from '../../../src/ui/help';
import { HelpWho } from '../../../src/ui/help-who';
import { PageFoot } from '../../../src/ui/page-foot';
import { requestText } from '../../../src/words/request';
import { press, says, text, the } from '../../support/screen';

// No script can make a trusted click, a test's neither.
vi.mock('../../../src/ui/trusted', () => ({ trusted: (act: unknown) => act }));

const REQUEST = {
  subscriptionId: '5b000000-0000-4000-8000-000000000001',
  page: 'https://portal.azure.com/#resource/subscriptions/5b000000-0000-4000-8000-000000000001/overview',
  service: 'Contoso partners',
  person: 'Ada Lovelace',
};

afterEach(() => render(null, document.body));

describe('a question', () => {
  it('is answered where it stands, once it is opened', () => {
    render(<Help about="partnerId" />, document.body);
    const details = document.querySelector('details');
    expect(details?.open).toBe(false);
    expect(text(document.querySelector('summary') ?? undefined)).toBe('What is a Partner ID?');
    expect(text(document.querySelector('details p') ?? undefined)).toContain('5 to 10 digits');
    expect(document.querySelector('a')).toBeNull();
  });

  it('who may do this, is answered by the rule that says so', () => {
    render(<HelpWho />, document.body);
    expect(text()).toContain('The account administrator of the subscription');
    expect(text()).toContain('on Azure also the subscription administrator and contributor');
  });
});

describe('a request for a subscription that the service does not know', () => {
  it('names the subscription, its page, the service and who asks', () => {
    expect(requestText(REQUEST).split('\n')).toEqual([
      'Please add this subscription to our list of partners of record, so that I can see and change its partner.',
      '',
      `Subscription ID: ${REQUEST.subscriptionId}`,
      `Page in the portal: ${REQUEST.page}`,
      'Service: Contoso partners',
      'Asked by: Ada Lovelace',
    ]);
  });

  it('leaves out what is not known', () => {
    expect(requestText({ ...REQUEST, page: null, service: null, person: null })).not.toMatch(/Page|Service|Asked/);
  });

  describe('is copied', () => {
    let copied: string[];
    let allowed: boolean;
    beforeEach(() => {
      copied = [];
      allowed = true;
      const writeText = async (written: string) => {
        if (!allowed) throw new DOMException('Not allowed', 'NotAllowedError');
        copied.push(written);
      };
      vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } });
    });
    afterEach(() => vi.unstubAllGlobals());

    it('whole, and the person is told', async () => {
      render(<CopyRequest request={REQUEST} />, document.body);
      await press('Copy a request');
      await says('Copied. Paste it into a mail.');
      expect(copied).toEqual([requestText(REQUEST)]);
    });

    it('or the person is told that the browser did not let it', async () => {
      allowed = false;
      render(<CopyRequest request={REQUEST} />, document.body);
      await press('Copy a request');
      await says('did not let the extension copy');
    });
  });
});

it('a page’s foot tells the version and leads to help', async () => {
  render(<PageFoot version="1.2.3" help="chrome-extension://extension/src/options/index.html#help" />, document.body);
  expect((await the('link', 'Help')).getAttribute('href')).toContain('#help');
  expect(text()).toContain('Version 1.2.3');
});
