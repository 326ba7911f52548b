import { randomUUID } from 'node:crypto';
import PostalMime from 'postal-mime';
import * as v from 'valibot';
import { installPostfix, type Postfix, startPostfix } from '../counterparts/postfix';
import { installPostgrey, startPostgrey } from '../counterparts/postgrey';
import { installSpamAssassin, judgeBySpamAssassin } from '../counterparts/spamassassin';
import { ask } from './ask';
import { lookFor } from './look-for';
import type { Proof, Subject } from './proof';
import { FABRIKAM, FULL, type LoadedFolder, NORTHWIND, type Service } from './service';

const LIMIT_MS = 180_000;
/** Above the time after which the service tries again, and again. */
const MAIL_WITHIN_MS = 60_000;
const GREYLISTED_SECONDS = 5;
/** What SpamAssassin calls spam. */
const SPAM = 5;

/** A relay as Debian sets it up, with greylisting before it, and what it makes of our mail. */
export function mailSubject(loaded: LoadedFolder): Subject {
  return {
    name: 'Postfix',
    limitMs: LIMIT_MS,
    async install() {
      await installPostfix();
      await installPostgrey();
      await installSpamAssassin();
    },
    async prove(proof) {
      const greylist = await proof.keep(startPostgrey(GREYLISTED_SECONDS));
      const postfix = await proof.keep(startPostfix(greylist.port));
      proof.tried(postfix.version);
      proof.tried(greylist.version);
      const serve = (port: number) =>
        proof.keep(loaded.serve({ SMTP_URL: `smtp://localhost:${port}`, MAIL_FROM: 'por@contoso.example' }));
      await proveDelivery(proof, loaded, postfix, await serve(postfix.port));
      await proveRefusedClient(proof, loaded, await serve(postfix.refusingPort));
      await proveGreylisting(proof, loaded, postfix, await serve(postfix.greylistingPort));
    },
  };
}

async function proveDelivery(proof: Proof, loaded: LoadedFolder, postfix: Postfix, service: Service): Promise<void> {
  const { holds } = proof;
  await holds('takes a mail by STARTTLS with a certificate that nobody has signed, and delivers it', async () => {
    await assign(loaded, service, 'plan-1', FABRIKAM.partnerId);
    const { messageId } = await mailEvent(service, FABRIKAM.partnerId, 'sent');
    const raw = await lookFor('the mail in the mailbox', async () => (await postfix.delivered())[0], MAIL_WITHIN_MS);
    const mail = await PostalMime.parse(raw);
    const received = mail.headers.find(({ key }) => key === 'received')?.value ?? '';
    const tls = /using (TLSv[\d.]+)/.exec(received)?.[1];
    if (tls === undefined) throw new Error(`It was not taken by TLS: ${received}`);
    if (mail.messageId !== messageId) throw new Error(`Its Message-ID is ${mail.messageId}, not ${messageId}.`);
    for (const part of [mail.text, mail.html]) {
      if (!part?.includes('plan-1'))
        throw new Error('A part of text or HTML is missing, or does not name the subscription.');
    }
    return `${tls}, with its Message-ID, as text and as HTML`;
  });
  await holds('an unknown recipient ends the mail', async () => {
    await assign(loaded, service, 'plan-2', NORTHWIND.partnerId);
    return (await mailEvent(service, NORTHWIND.partnerId, 'failed', '5.1.1')).error;
  });
  await holds('a mailbox over quota leaves it waiting', async () => {
    await assign(loaded, service, 'plan-3', FULL.partnerId);
    return (await mailEvent(service, FULL.partnerId, 'waiting', '5.2.2')).error;
  });
  await holds('SpamAssassin, by its tests that ask nobody, takes it for no spam', async () => {
    const [raw = ''] = await postfix.delivered();
    const { version, score, tests } = await judgeBySpamAssassin(raw);
    proof.tried(version);
    if (score >= SPAM) throw new Error(`${score} points: ${tests}`);
    return `${score} points of ${SPAM} (${tests})`;
  });
}

async function proveRefusedClient({ holds }: Proof, loaded: LoadedFolder, service: Service): Promise<void> {
  await holds('a client that it refuses has its mails waiting', async () => {
    await assign(loaded, service, 'plan-1', FABRIKAM.partnerId);
    return (await mailEvent(service, FABRIKAM.partnerId, 'waiting', '5.7.1')).error;
  });
}

async function proveGreylisting(proof: Proof, loaded: LoadedFolder, postfix: Postfix, service: Service): Promise<void> {
  await proof.holds('greylisting puts it off, and it arrives once', async () => {
    const before = (await postfix.delivered()).length;
    await assign(loaded, service, 'plan-1', FABRIKAM.partnerId);
    const { error } = await mailEvent(service, FABRIKAM.partnerId, 'waiting', '4.2.0');
    const { attempts } = await mailEvent(service, FABRIKAM.partnerId, 'sent');
    const count = await lookFor(
      'the mail in the mailbox',
      async () => (await postfix.delivered()).length - before || undefined,
      MAIL_WITHIN_MS,
    );
    if (count !== 1) throw new Error(`It arrived ${count} times.`);
    return `${error}; then taken at attempt ${attempts}`;
  });
}

/** Has a partner assigned, of which the partner is told. */
async function assign({ tokens }: LoadedFolder, { baseUrl }: Service, id: string, partnerId: string): Promise<void> {
  const asking = { token: tokens.admin };
  const record = await ask(`${baseUrl}/subscriptions/${id}`, asking);
  const { etag } = v.parse(v.object({ etag: v.string() }), JSON.parse(record.text));
  const { status, text } = await ask(`${baseUrl}/subscriptions/${id}/partnerOfRecord`, {
    ...asking,
    method: 'PUT',
    headers: { 'if-match': etag, 'idempotency-key': randomUUID() },
    body: { partnerId },
  });
  if (status !== 200) throw new Error(`The change is answered ${status} ${text}`);
}

const mailEventSchema = v.object({
  event: v.literal('mail'),
  partnerId: v.string(),
  state: v.string(),
  messageId: v.string(),
  attempts: v.number(),
  error: v.optional(v.string()),
});
type MailEvent = v.InferOutput<typeof mailEventSchema>;

/** The line of the service's log that tells of a mail to the partner, in that state and with that in the server's answer. */
function mailEvent({ running }: Service, partnerId: string, state: string, answer = ''): Promise<MailEvent> {
  const look = async () => {
    const events = running.output.log.split('\n').flatMap((line) => {
      const parsed = v.safeParse(mailEventSchema, line.startsWith('{') ? JSON.parse(line) : null);
      return parsed.success && parsed.output.partnerId === partnerId ? [parsed.output] : [];
    });
    const found = events.find((event) => event.state === state);
    const [other] = events;
    if (found === undefined) {
      if (other !== undefined && other.state !== 'waiting')
        throw new Error(`The mail is ${other.state}: ${other.error ?? ''}`);
      return undefined;
    }
    if (!(found.error ?? '').includes(answer)) throw new Error(`The mail is ${state}: ${found.error}`);
    return found;
  };
  return lookFor(`a mail that is ${state} in the log`, look, MAIL_WITHIN_MS);
}
