import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import * as v from 'valibot';
import { documented } from '../counterparts/documented';
import { freePort } from '../counterparts/free-port';
import { installLemonLdap, PERSON, startLemonLdap } from '../counterparts/lemonldap';
import { installNginx, startNginx } from '../counterparts/nginx';
import { installPostfix, MAILBOX, startPostfix } from '../counterparts/postfix';
import { startPostgres } from '../postgres';
import { ask } from './ask';
import { makeDatabase } from './databases';
import { signIn } from './lemonldap-sign-in';
import { lookFor } from './look-for';
import type { Subject } from './proof';
import { openWorkplace } from './workplace';

const LIMIT_MS = 180_000;
const MAIL_WITHIN_MS = 60_000;

/** What the directory of docs/running-the-service.md has, as far as it is made the newcomer's own. */
const directorySchema = v.looseObject({
  partners: v.tuple([v.looseObject({ partnerId: v.string(), name: v.string() })]),
  callers: v.array(v.looseObject({ principalId: v.string() })),
  subscriptions: v.tuple([v.looseObject({ subscriptionId: v.string(), roles: v.record(v.string(), v.string()) })]),
});
const recordSchema = v.object({
  etag: v.string(),
  partnerOfRecord: v.nullable(v.object({ name: v.string(), assignedBy: v.string() })),
});

/** From nothing to a change, by docs/running-the-service.md: PostgreSQL, nginx, mail and an identity provider at once. */
export function newcomerSubject(): Subject {
  return {
    name: 'A newcomer',
    limitMs: LIMIT_MS,
    async install() {
      await installNginx();
      await installPostfix();
      await installLemonLdap();
    },
    async prove({ tried, holds, keep }) {
      tried('docs/running-the-service.md on PostgreSQL behind nginx, with Postfix and LemonLDAP::NG');
      const postgres = await keep(startPostgres());
      const postfix = await keep(startPostfix(await freePort()));
      const provider = await keep(startLemonLdap(true));
      const port = await freePort();
      const { publicUrl, certificate } = await keep(startNginx({ port, prefix: '' }));
      const work = await keep(openWorkplace());
      Object.assign(work.env, {
        PORT: String(port),
        PUBLIC_URL: publicUrl,
        TRUST_PROXY: 'loopback',
        DATABASE_URL: await makeDatabase(postgres, 'por'),
        SMTP_URL: `smtp://localhost:${postfix.port}`,
        MAIL_FROM: 'por@contoso.example',
        ORGANIZATION_NAME: 'Contoso Ltd',
        MAIL_CONTACT: 'por-desk@contoso.example',
        OIDC_ISSUER: provider.issuer,
        OIDC_AUDIENCE: provider.client.audience,
        OIDC_CLIENT_ID: provider.client.id,
        OIDC_TOKEN_TYP: 'JWT',
      });

      const directory = v.parse(directorySchema, JSON.parse(await documented('running-the-service.md', 'json')));
      const [partner] = directory.partners;
      const [subscription] = directory.subscriptions;
      partner['mail'] = MAILBOX;
      directory.callers.push({ principalId: PERSON.login, name: PERSON.name, organization: 'Contoso Ltd' });
      subscription.roles[PERSON.login] = 'AccountAdministrator';
      await writeFile(join(work.folder, 'directory.json'), JSON.stringify(directory));

      await holds('from nothing to a change that the partner is told of, without a stack trace', async () => {
        const imported = await work.type('npm run service -- import directory.json');
        const told = await work.typeAndUse('npm run service', async () => {
          const token = (await signIn(provider, provider.client.id)).access_token;
          const address = `${publicUrl}/v1/subscriptions/${subscription.subscriptionId}`;
          const before = v.parse(recordSchema, JSON.parse((await ask(address, { token, certificate })).text));
          const answer = await ask(`${address}/partnerOfRecord`, {
            method: 'PUT',
            token,
            certificate,
            headers: { 'if-match': before.etag, 'idempotency-key': randomUUID() },
            body: { partnerId: partner.partnerId },
          });
          const { partnerOfRecord } = v.parse(recordSchema, JSON.parse(answer.text));
          if (partnerOfRecord?.name !== partner.name || partnerOfRecord.assignedBy !== PERSON.name) {
            throw new Error(`The change is answered ${answer.status} ${answer.text}`);
          }
          const raw = await lookFor('the mail', async () => (await postfix.delivered())[0], MAIL_WITHIN_MS);
          const { text = '' } = await PostalMime.parse(raw);
          for (const words of ['Contoso Ltd', 'por-desk@contoso.example', subscription.subscriptionId]) {
            if (!text.includes(words)) throw new Error(`The mail does not say ${words}: ${text}`);
          }
        });
        const trace = /^ +at .*$/m.exec(imported + told);
        if (trace !== null) throw new Error(`There was a stack trace: ${trace[0]}`);
        return `signed in as ${PERSON.name}, changed through nginx, and the mail is in ${MAILBOX}`;
      });
    },
  };
}
