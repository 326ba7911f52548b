/** An event handler that acts only for a person: what a page's script dispatches is ignored. */
export function trusted<E extends Event>(act: (event: E) => void): (event: E) => void {
  return (event) => {
    if (event.isTrusted) act(event);
  };
}
