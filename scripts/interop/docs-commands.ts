import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { documented } from '../counterparts/documented';
import { type Fence, fencesOf } from '../markdown-fences';
import { type Postgres, startPostgres } from '../postgres';
import { ask } from './ask';
import { addressOf, makeDatabase } from './databases';
import type { Subject } from './proof';
import { openWorkplace, type Workplace } from './workplace';

const DOCS = join(import.meta.dirname, '../../docs');
const RUNNING = 'running-the-service.md';
const PAGES = [RUNNING, 'operating-the-service.md'] as const;
type Page = (typeof PAGES)[number];
/** The languages of what a reader is to type. */
const TYPED = ['sh', 'sql'];
const LIMIT_MS = 240_000;

/** What a block is run among. */
interface Desk {
  readonly work: Workplace;
  readonly postgres: Postgres;
  /** What an earlier block gave that a later one needs. */
  readonly kept: { token: string };
}

type Handling =
  | { readonly run: (text: string, desk: Desk) => Promise<void> }
  /** Why it is not run. */
  | { readonly not: string };

const IMPORT = 'npm run service -- import directory.json';

const NO_CONTAINERS = { not: 'no container engine runs where this is tried' };

/** Each block of the two pages that a reader is to type, in the order of the page, as it stands there. */
const HANDLED: Record<Page, Readonly<Record<string, Handling>>> = {
  [RUNNING]: {
    'npm run service -- demo': {
      run: async (text, { work }) => {
        mustSay(await work.typeAndUse(text, mustBeHealthy), 'access tokens, shown this once');
        // As the page says, to start afresh.
        await rm(join(work.folder, '.data'), { recursive: true });
      },
    },
    [IMPORT]: {
      run: async (text, { work }) => {
        await writeFile(join(work.folder, 'directory.json'), await documented(RUNNING, 'json'));
        mustSay(await work.type(text), 'Imported 1 partners, 1 customers, 2 callers and 1 subscriptions.');
      },
    },
    'npm run service -- token add ada@contoso.com': {
      run: async (text, { work, kept }) => {
        kept.token = (await work.type(text)).match(/^[\w-]{20,}$/m)?.[0] ?? '';
        if (kept.token === '') throw new Error('It printed no token.');
      },
    },
    'npm run service': {
      run: async (text, { work, kept }) => {
        await work.typeAndUse(text, async (baseUrl) => {
          const { status, text: said } = await ask(`${baseUrl}/subscriptions`, { token: kept.token });
          if (status !== 200) throw new Error(`GET /subscriptions is answered ${status}.`);
          mustSay(said, '89fd93d4-12f7-4096-8ffa-9df1758f524e');
        });
      },
    },
    'npm run service -- partners import partners.csv': {
      run: async (text, { work }) => {
        await writeFile(join(work.folder, 'partners.csv'), await documented(RUNNING, 'csv'));
        mustSay(await work.type(text), 'Imported 1 partners.');
      },
    },
  },
  'operating-the-service.md': {
    'docker compose -f server/compose.yaml up --build': NO_CONTAINERS,
    'docker compose -f server/compose.yaml exec -T service node /service/main.js import /dev/stdin < directory.json':
      NO_CONTAINERS,
    [`create role por_owner login password 'letters-and-digits';
create role por_service login password 'others';
create database por owner por_owner encoding 'UTF8' template template0;`]: {
      run: (text, { work, postgres }) => typeSql(text, work, postgres.url),
    },
    [`grant usage on schema public to por_service;
grant select, insert, update, delete on all tables in schema public to por_service;
alter default privileges in schema public grant select, insert, update, delete on tables to por_service;`]: {
      run: (text, { work, postgres }) => typeSql(text, work, addressOf(postgres, 'por', 'por_owner')),
    },
    'npm run service -- migrate': {
      run: async (text, { work, postgres }) => {
        work.env['DATABASE_URL'] = addressOf(postgres, 'por', 'por_owner');
        await work.type(text);
        work.env['DATABASE_URL'] = addressOf(postgres, 'por', 'por_service');
        mustSay(await work.type(IMPORT), 'Imported 1 partners');
        await work.typeAndUse('npm run service', mustBeHealthy);
        delete work.env['DATABASE_URL'];
      },
    },
    [`pg_dump --no-owner --file=por.sql "$DATABASE_URL"

# into an empty database, with every service stopped that would use it
psql --single-transaction --set=ON_ERROR_STOP=1 --quiet --file=por.sql "$NEW_DATABASE_URL"`]: {
      run: async (text, { work, postgres }) => {
        work.env['DATABASE_URL'] = await makeDatabase(postgres, 'source');
        work.env['NEW_DATABASE_URL'] = await makeDatabase(postgres, 'restored');
        await work.type(IMPORT);
        await work.type(text);
        work.env['DATABASE_URL'] = work.env['NEW_DATABASE_URL'];
        mustSay(await work.type(IMPORT), 'Rows written, because they were new or differed: 0.');
        delete work.env['DATABASE_URL'];
      },
    },
    'cp -a .data backup-of-data': {
      run: async (text, { work }) => {
        await work.type(text);
      },
    },
    'cp -a backup-of-data .data': {
      run: async (text, { work }) => {
        await rm(join(work.folder, '.data'), { recursive: true });
        await work.type(text);
        mustSay(await work.type(IMPORT), 'Rows written, because they were new or differed: 0.');
      },
    },
    'npm run conformance -- https://por.example.com/v1 TOKEN [--other TOKEN] [--partner-caller TOKEN] [--partner ID --partner ID] [--subscription ID]':
      { not: 'it is the form of a command; run through each of the proxies' },
  },
};

/** The commands of the docs, typed as they stand there. */
export function docsSubject(): Subject {
  return {
    name: 'docs',
    limitMs: LIMIT_MS,
    install: async () => undefined,
    async prove({ tried, holds, keep }) {
      const postgres = await keep(startPostgres());
      const work = await keep(openWorkplace());
      tried('the commands that docs/ has in blocks');
      work.env['PATH'] = `${postgres.bin}:${process.env['PATH']}`;
      const kept = { token: '' };
      for (const page of PAGES) {
        const fences = await fencesOn(page);
        for (const { text } of fences.filter(isTyped)) {
          const handling = HANDLED[page][text];
          if (handling === undefined) continue;
          const [command = ''] = text.split('\n');
          if ('not' in handling) await holds(`not run: ${command}`, async () => handling.not);
          else
            await holds(`${page}: ${command}`, async () => {
              await handling.run(text, { work, postgres, kept });
            });
        }
      }
      await holds('every block is run, or said not to be', async () => {
        const problems = await unhandled();
        if (problems.length > 0) throw new Error(problems.join(' '));
      });
    },
  };
}

/** Sentences on blocks that are neither run nor said not to be, and on what is said of a block that is not there any more. */
export async function unhandled(): Promise<string[]> {
  const problems = await Promise.all(
    PAGES.map(async (page) => {
      const typed = (await fencesOn(page)).filter(isTyped);
      const handled = Object.keys(HANDLED[page]);
      return [
        ...typed
          .filter(({ text }) => !handled.includes(text))
          .map(({ line }) => `docs/${page}, line ${line}: the block is neither run nor said not to be.`),
        ...handled
          .filter((text) => !typed.some((fence) => fence.text === text))
          .map((text) => `docs/${page} has no block “${text}” any more.`),
      ];
    }),
  );
  return problems.flat();
}

/** The blocks of a page, without the ends of their last lines. */
async function fencesOn(page: Page): Promise<Fence[]> {
  const fences = fencesOf(await readFile(join(DOCS, page), 'utf8'));
  return fences.map((fence) => ({ ...fence, text: fence.text.trimEnd() }));
}

function isTyped({ language }: Fence): boolean {
  return TYPED.includes(language);
}

async function mustBeHealthy(baseUrl: string): Promise<void> {
  const { status, text } = await ask(`${baseUrl}/health`, {});
  if (status !== 200) throw new Error(`GET /health is answered ${status} ${text}`);
}

function mustSay(said: string, words: string): void {
  if (!said.includes(words)) throw new Error(`It does not say “${words}”: ${said.slice(-500)}`);
}

async function typeSql(text: string, { folder, type }: Workplace, url: string): Promise<void> {
  await writeFile(join(folder, 'typed.sql'), text);
  await type(`psql --quiet --set=ON_ERROR_STOP=1 --file=typed.sql '${url}'`);
}
