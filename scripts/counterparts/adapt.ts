/**
 * A configuration as a page of ours has it, with what differs here put in the place of what stands there: addresses, ports, paths
 * of files. Throws an Error when a text to be replaced is not there, since then the page and who reads it have come apart.
 */
export function adapt(text: string, changes: Readonly<Record<string, string>>): string {
  let adapted = text;
  for (const [from, to] of Object.entries(changes)) {
    if (!adapted.includes(from)) throw new Error(`The configuration in the docs does not have “${from}”:\n${text}`);
    adapted = adapted.replaceAll(from, to);
  }
  return adapted;
}
