import { render } from 'preact';
import { afterEach, describe, expect, it } from 'vitest';
import { FAILURE_REASONS, type Failure } from '../../../src/domain/failure';
import { type OnPage, OnPageContext } from '../../../src/ui/on-page';
import { Support, SupportContext, WithSupport } from '../../../src/ui/support';
import { WhomToAsk } from '../../../src/ui/whom-to-ask';
import { says, text } from '../../support/screen';

afterEach(() => render(null, document.body));

function show(support: string | null, after?: Failure): void {
  render(
    <SupportContext.Provider value={support}>
      <Support {...(after && { after })} />
    </SupportContext.Provider>,
    document.body,
  );
}

describe('whom to ask', () => {
  it('is a link where it is an address, and plain text where it is not', () => {
    show('por-desk@contoso.example');
    expect(text()).toBe('Whom to ask: por-desk@contoso.example');
    expect(document.querySelector('a')?.getAttribute('href')).toBe('mailto:por-desk@contoso.example');
    show('https://help.contoso.example/por');
    expect(document.querySelector('a')?.getAttribute('href')).toBe('https://help.contoso.example/por');
    show('Service desk, extension 4711');
    expect(text()).toBe('Whom to ask: Service desk, extension 4711');
    expect(document.querySelector('a')).toBeNull();
  });

  it('is no link on a portal’s page, and what the service wrote is drawn', () => {
    const onPage: OnPage = { press: () => undefined, focusIsPersons: () => true };
    render(
      <OnPageContext.Provider value={onPage}>
        <WhomToAsk support="por-desk@contoso.example" />
      </OnPageContext.Provider>,
      document.body,
    );
    expect(document.querySelector('a')).toBeNull();
    expect(document.querySelector('bdi')?.dataset['text']).toBe('por-desk@contoso.example');
    expect(text()).toBe('Whom to ask:');
  });

  it('is not said where the service names nobody', () => {
    show(null);
    expect(text()).toBe('');
  });

  it('is said after what the organisation’s support may help with, and after nothing else', () => {
    const said = FAILURE_REASONS.filter((reason) => {
      show('Grace', { reason });
      return text() !== '';
    });
    expect(said).toEqual(['redirected', 'unreadable', 'tooLarge', 'serverError', 'refused', 'wrongContract', 'gaveUp']);
    show('Grace', { reason: 'signInNeeded', status: 401 });
    expect(text()).toBe('Whom to ask: Grace');
  });

  it('is another once the service says so', async () => {
    let support: string | null = null;
    let again = (): void => undefined;
    render(
      <WithSupport
        read={async () => support}
        listen={(callback) => {
          again = callback;
        }}
      >
        <p>Refused.</p>
        <Support />
      </WithSupport>,
      document.body,
    );
    await says('Refused.');
    expect(text()).toBe('Refused.');
    support = 'Grace';
    again();
    await says('Whom to ask: Grace');
  });
});
