import { readFile } from 'node:fs/promises';
import { fencesOf } from '../markdown-fences';

const DOCS = `${import.meta.dirname}/../../docs`;

/**
 * The one block in that language on the page of the docs, or in the part of it with that heading. Throws an Error when there is
 * none, or more than one.
 */
export async function documented(page: string, language: string, heading: string | null = null): Promise<string> {
  const found = fencesOf(await readFile(`${DOCS}/${page}`, 'utf8')).filter(
    (fence) => fence.language === language && (heading === null || fence.heading === heading),
  );
  const [fence, ...more] = found;
  if (fence === undefined || more.length > 0) {
    const where = `docs/${page}${heading === null ? '' : `, “${heading}”,`}`;
    throw new Error(`${where} has ${found.length} blocks in “${language}”, where one is looked for.`);
  }
  return fence.text;
}

/** The path that the docs' configurations of proxies take off. */
const PREFIX = '/por';

/** A proxy's configuration as the docs have it, for a host of the service's own or for that prefix. */
export async function documentedProxy(language: string, prefix: string): Promise<string> {
  const heading = prefix === '' ? 'On a host of its own' : 'Under a path of another host';
  const text = await documented('operating-the-service.md', language, heading);
  return prefix === '' ? text : text.replaceAll(PREFIX, prefix);
}
