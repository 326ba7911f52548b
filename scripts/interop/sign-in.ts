import * as v from 'valibot';
import { installLemonLdap, type LemonLdap, PERSON, startLemonLdap } from '../counterparts/lemonldap';
import { ask } from './ask';
import { signIn } from './lemonldap-sign-in';
import type { Proof, Subject } from './proof';
import type { LoadedFolder, Service } from './service';

const LIMIT_MS = 120_000;

/** An identity provider whose people sign in by a form, and what the service makes of its tokens. */
export function signInSubject(loaded: LoadedFolder): Subject {
  return {
    name: 'LemonLDAP::NG',
    limitMs: LIMIT_MS,
    install: installLemonLdap,
    async prove(proof) {
      const provider = await proof.keep(startLemonLdap(true));
      proof.tried(provider.version);
      const service = await serveFor(proof, loaded, provider);
      await proof.holds('who signed in there (code with PKCE) is known to the service', async () => {
        const { access_token } = await signIn(provider, provider.client.id);
        const { status, text } = await ask(`${service.baseUrl}/me`, { token: access_token });
        if (status !== 200) throw new Error(`GET /me is answered ${status} ${text}`);
        const { principalId, name } = v.parse(meSchema, JSON.parse(text));
        if (principalId !== PERSON.login || name !== PERSON.name)
          throw new Error(`It takes them for ${principalId}, ${name}.`);
        return `${principalId}, ${name}`;
      });
      await proof.holds("another service's access token is refused", async () =>
        refused(service, (await signIn(provider, provider.otherClient)).access_token),
      );
      await proof.holds('an ID token is refused', async () =>
        refused(service, (await signIn(provider, provider.client.id)).id_token),
      );

      const bare = await proof.keep(startLemonLdap(false));
      const itsService = await serveFor(proof, loaded, bare);
      await proof.holds("without the docs' plugin, an access token that is for the client too is refused", async () =>
        refused(itsService, (await signIn(bare, bare.client.id)).access_token),
      );
    },
  };
}

const meSchema = v.object({ principalId: v.string(), name: v.string() });
const refusalSchema = v.object({ error: v.object({ message: v.string() }) });

function serveFor(proof: Proof, loaded: LoadedFolder, { issuer, client }: LemonLdap): Promise<Service> {
  return proof.keep(
    loaded.serve({
      OIDC_ISSUER: issuer,
      OIDC_AUDIENCE: client.audience,
      OIDC_CLIENT_ID: client.id,
      OIDC_TOKEN_TYP: 'JWT',
    }),
  );
}

/** Answers the sentence with which the token is refused. Throws an Error when it is taken. */
async function refused({ baseUrl }: Service, token: string): Promise<string> {
  const { status, text } = await ask(`${baseUrl}/me`, { token });
  if (status !== 401) throw new Error(`GET /me is answered ${status} ${text}`);
  return v.parse(refusalSchema, JSON.parse(text)).error.message;
}
