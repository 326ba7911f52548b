import { render } from 'preact';
import { afterEach, describe, expect, it } from 'vitest';
import { Button } from '../../../src/ui/button';
import { PartnerName } from '../../../src/ui/partner-name';
import { TextField } from '../../../src/ui/text-field';
import { contoso } from '../content/panel-states';
import { press, pressKey } from '../content/person';

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
