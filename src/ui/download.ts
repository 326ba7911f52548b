/** Hands the person a file with that text. */
export function download(fileName: string, type: 'text/csv' | 'application/json', text: string): void {
  downloadBlob(fileName, new Blob([text], { type: `${type};charset=utf-8` }));
}

/** Hands the person a file, by a click on a link as they would do it themselves. `onSaved`: nobody reads it any more. */
export function downloadBlob(fileName: string, blob: Blob, onSaved = (): void => undefined): void {
  const link = document.createElement('a');
  const address = URL.createObjectURL(blob);
  link.href = address;
  link.download = fileName;
  link.click();
  // The browser reads the file after the click; a minute is plenty.
  setTimeout(() => {
    URL.revokeObjectURL(address);
    onSaved();
  }, 60_000);
}
