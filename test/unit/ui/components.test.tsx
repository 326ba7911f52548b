import { render } from 'preact';
import { afterEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../../src/domain/storage-problem';
import { Button } from '../../../src/ui/button';
import { PartnerName } from '../../../src/ui/partner-name';
import { ProblemText } from '../../../src/ui/problem-text';
import { TextField } from '../../../src/ui/text-field';
import { contoso } from '../content/panel-states';
import { press, pressKey } from '../../support/trusted-person';

afterEach(() => render(null, document.body));

function drawn<E extends Element>(selector: string, type: new () => E): E {
  const found = document.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`No ${selector}`);
  return found;
}

describe('a button', () => {
  it('is pressed by a person, not by a script, and not while it is busy', () => {
    let presses = 0;
    const draw = (busy: boolean) =>
      render(
        <Button busy={busy} onPress={() => (presses += 1)}>
          Save
        </Button>,
        document.body,
      );
    draw(false);
    const button = drawn('button', HTMLButtonElement);
    button.click();
    expect(presses).toBe(0);
    press(button);
    expect(presses).toBe(1);
    draw(true);
    press(button);
    expect(presses).toBe(1);
    expect(button.getAttribute('aria-disabled')).toBe('true');
    expect(document.activeElement).toBe(button);
  });
});

describe('a text field', () => {
  it('ties label, hint and problem to its input', () => {
    render(
      <TextField label="Partner ID" value="1" onType={() => undefined} hint="Digits" problem="Too short" />,
      document.body,
    );
    const input = drawn('input', HTMLInputElement);
    expect(input.labels?.[0]?.textContent).toBe('Partner ID');
    const described = input.getAttribute('aria-describedby')?.split(' ') ?? [];
    expect(described.map((id) => document.getElementById(id)?.textContent)).toEqual(['Too short', 'Digits']);
    expect(input.getAttribute('aria-invalid')).toBe('true');
  });

  it('hears Enter of a person, not of a script', () => {
    let enters = 0;
    render(<TextField label="A" value="" onType={() => undefined} onEnter={() => (enters += 1)} />, document.body);
    const input = drawn('input', HTMLInputElement);
    input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    expect(enters).toBe(0);
    pressKey(input, 'Enter');
    expect(enters).toBe(1);
  });
});

describe('a partner’s name', () => {
  it('shows characters that would hide or reorder it, isolated from the words around it', () => {
    render(<PartnerName partner={{ ...contoso, name: 'Contoso\u202e\u200b' }} />, document.body);
    expect(drawn('bdi', HTMLElement).textContent).toBe('Contoso[U+202E][U+200B]');
  });
});

describe('what the extension itself failed over', () => {
  it('is told in our words, and has the browser’s behind “Details”, with nothing hidden in them', () => {
    render(<ProblemText cause={new Error('The transaction was aborted\u202e')} />, document.body);
    const details = drawn('details', HTMLDetailsElement);
    expect(details.open).toBe(false);
    expect(details.textContent).toBe('DetailsThe transaction was aborted[U+202E]');
    details.remove();
    expect(document.body.textContent).toBe(
      'Something went wrong in the extension. Try again; if it stays, restart the browser.',
    );
  });

  it('is told as what it is where that is known, without anything technical', () => {
    render(<ProblemText cause={new StorageError('full', 'QuotaExceededError')} />, document.body);
    expect(document.body.textContent).toMatch(/^The browser has no room left/);
    expect(document.querySelector('details')).toBeNull();
  });
});
