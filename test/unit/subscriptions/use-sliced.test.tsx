import { render } from 'preact';
import { useState } from 'preact/hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useSliced } from '../../../src/subscriptions/use-sliced';

let begun: string[];
let pauses: (() => Promise<void>)[];
let finish: Record<string, (made: string) => void>;
let choose: (part: string) => void;

function Page() {
  const [part, setPart] = useState('a');
  choose = setPart;
  const made = useSliced(
    (pause) => {
      begun.push(part);
      pauses.push(pause);
      return new Promise<string>((done) => {
        finish[part] = done;
      });
    },
    [part],
  );
  return <p>{made === null ? 'nothing' : `${made.value} ${made.isCurrent ? 'now' : 'before'}`}</p>;
}

const shown = () => document.body.textContent;

beforeEach(async () => {
  [begun, pauses, finish] = [[], [], {}];
  render(<Page />, document.body);
  await vi.waitFor(() => expect(begun).toEqual(['a']));
});
afterEach(() => render(null, document.body));

describe('work in slices', () => {
  it('shows nothing until it is whole, and what was made before until the next is', async () => {
    expect(shown()).toBe('nothing');
    finish['a']?.('A');
    await vi.waitFor(() => expect(shown()).toBe('A now'));
    choose('b');
    await vi.waitFor(() => expect(shown()).toBe('A before'));
    await vi.waitFor(() => expect(begun).toEqual(['a', 'b']));
    finish['b']?.('B');
    await vi.waitFor(() => expect(shown()).toBe('B now'));
  });

  it('runs to its end though its parts have changed, and then takes up the newest alone', async () => {
    choose('b');
    await vi.waitFor(() => expect(shown()).toBe('nothing'));
    choose('c');
    finish['a']?.('A');
    await vi.waitFor(() => expect(begun).toEqual(['a', 'c']));
    await vi.waitFor(() => expect(shown()).toBe('A before'));
    finish['c']?.('C');
    await vi.waitFor(() => expect(shown()).toBe('C now'));
  });

  it('ends at its next pause once nobody wants it any more', async () => {
    render(null, document.body);
    await vi.waitFor(() => expect(pauses[0]?.()).rejects.toMatchObject({ name: 'AbortError' }));
    expect(begun).toEqual(['a']);
  });
});
