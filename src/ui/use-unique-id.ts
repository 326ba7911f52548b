import { useState } from 'preact/hooks';

let given = 0;

/** An id that no other element of this document has. Preact's own begins anew each time its root is rendered (11.2), as a panel's is. */
export function useUniqueId(): string {
  const [id] = useState(() => {
    given += 1;
    return `i${given}`;
  });
  return id;
}
