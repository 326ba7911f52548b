/** Hands the person a file with that text, by a click on a link as they would do it themselves. */
export function download(fileName: string, type: 'text/csv' | 'application/json', text: string): void {
  const link = document.createElement('a');
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  link.href = address;
  link.download = fileName;
  link.click();
  // The browser reads the file after the click; a minute is plenty.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
