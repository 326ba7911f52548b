import { readFile } from 'node:fs/promises';
import { fencesOf } from '../markdown-fences';

const DOCS = `${import.meta.dirname}/../../docs`;

/** The one block in that language on the page of the docs. Throws an Error when there is none, or more than one. */
export async function documented(page: string, language: string): Promise<string> {
  const found = fencesOf(await readFile(`${DOCS}/${page}`, 'utf8')).filter((fence) => fence.language === language);
  const [fence, ...more] = found;
  if (fence === undefined || more.length > 0) {
    throw new Error(`docs/${page} has ${found.length} blocks in “${language}”, where one is looked for.`);
  }
  return fence.text;
}
