import { render } from 'preact';
import { useState } from 'preact/hooks';

/** The least that a page drawn by preact is. */
function Bare() {
  const [presses, setPresses] = useState(0);
  return (
    <main>
      <h1>A bare page</h1>
      <button type="button" onClick={() => setPresses(presses + 1)}>
        Pressed {presses}
      </button>
    </main>
  );
}

render(<Bare />, document.body);
