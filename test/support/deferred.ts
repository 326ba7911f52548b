/** A promise that is kept once `resolve` is called: for what a test lets go on when its time has come. */
export function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
