import { compile } from '@fastify/proxy-addr';
import Fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import type { Database } from './database/database';
import { authenticator } from './callers/authenticate';
import type { IdentityProvider } from './callers/identity-provider';
import type { MailPulse } from './mail/pulse';
import type { LookUpPartner } from './partners/partner-center';
import { partnerFinder } from './partners/find-partner';
import type { PartnerPage } from './partners/page';
import { type Network, THIS_MACHINE } from './network';
import { limitConnections } from './plugins/connections';
import { addCrossOrigin } from './plugins/cross-origin';
import { takeEmptyBodies } from './plugins/empty-bodies';
import { addErrorAnswers, answerFrameworkError, answerUnreadable } from './plugins/errors';
import { addGracefulStop, type GracefulStop } from './plugins/graceful-stop';
import { addLoopbackGuard } from './plugins/loopback-guard';
import { watchMethods } from './plugins/method-not-allowed';
import { BASE_PATH, setPublicUrl } from './plugins/public-address';
import { addRateLimits, limitByAddress } from './plugins/rate-limits';
import { addRequestIds, newRequestId } from './plugins/request-ids';
import { addRequestLog } from './plugins/request-log';
import { requireSignIn } from './callers/sign-in';
import { addAnswerLimit, addCommitLimit, arrivalOptions, TIME_LIMITS, type TimeLimits } from './plugins/time-limits';
import { healthRoutes } from './health-routes';
import { meRoutes } from './callers/routes';
import { partnerOfRecordRoutes } from './subscriptions/partner-of-record-routes';
import { partnerPageRoutes } from './partners/page-routes';
import { partnerRoutes } from './partners/routes';
import { signInMetadataRoutes } from './callers/sign-in-metadata-routes';
import { subscriptionRoutes } from './subscriptions/routes';
import type { TokenUses } from './callers/token-uses';

const BODY_LIMIT_BYTES = 16 * 1024;
/** Room for 128 characters, each up to twelve characters long when percent-encoded. */
const MAX_PATH_PARAMETER = 2048;

/** What the routes work with. */
export interface ServiceParts {
  readonly database: Database;
  readonly clock: () => Date;
  /** Asks about partners whom the directory does not name. */
  readonly lookUpPartner?: LookUpPartner | null;
  /** Whose access tokens are taken besides the service's own. */
  readonly identityProvider?: IdentityProvider | null;
  /** The page at `/partner`; without it there is none. */
  readonly partnerPage?: PartnerPage | null;
  /** Whom callers can ask: an address or a text, in one line; without it nobody is named. */
  readonly support?: string | null;
  /** How the mails go on; without it nothing is said of them. */
  readonly mailPulse?: MailPulse;
  /** Hears of each use of the service's own tokens. */
  readonly tokenUses?: Pick<TokenUses, 'note'>;
}

export interface Service extends GracefulStop {
  readonly app: FastifyInstance;
}

/** Puts the service together; whoever has it put together lets it listen. */
export function buildService(
  parts: ServiceParts,
  logger: FastifyServerOptions['logger'] = false,
  network: Network = THIS_MACHINE,
  timeLimits: TimeLimits = TIME_LIMITS,
): Service {
  const { trustedProxies, rateLimits } = network;
  const trusted = compile([...trustedProxies]);
  const isProxy = (address: string) => trusted(address, 0);
  const ofAddress = limitByAddress(rateLimits.perAddress, isProxy);
  const { requestTimeout, http } = arrivalOptions(timeLimits);
  const app = Fastify({
    logger,
    genReqId: newRequestId,
    requestIdHeader: false,
    trustProxy: trustedProxies.length > 0 && isProxy,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout,
    // Node would answer without a word, and uncounted; the guard says what is to be changed.
    http: { ...http, requireHostHeader: false },
    // Fastify would answer in words of its own while closing; the graceful stop does it in the contract's.
    return503OnClosing: false,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER },
    frameworkErrors: (error, request, reply) => answerFrameworkError(error, request, reply, ofAddress),
    clientErrorHandler: (error, socket) => answerUnreadable(error, socket, ofAddress),
  });
  limitConnections(app, isProxy);
  addRequestIds(app);
  addRequestLog(app);
  addErrorAnswers(app);
  const { giveNotice, stop } = addGracefulStop(app, timeLimits);
  addAnswerLimit(app, timeLimits);
  setPublicUrl(app, network.publicUrl);
  takeEmptyBodies(app);
  const refuseOtherMethods = watchMethods(app);
  // First, so that a page can read the refusals of those that follow.
  addCrossOrigin(app, network.allowedOrigins);
  addCommitLimit(app, timeLimits);
  addRateLimits(app, rateLimits.perCaller, ofAddress);
  // Once the limits are there, so that what it refuses is counted too.
  app.after(() => addLoopbackGuard(app, network));
  app.register(async (scope) => addRoutes(scope, parts, timeLimits), { prefix: BASE_PATH });
  app.register(async (scope) => addPages(scope, parts));
  app.register(async () => refuseOtherMethods());
  return { app, giveNotice, stop };
}

/** Declares every route of the contract on a scope that has the base path as its prefix. */
export function addRoutes(
  scope: FastifyInstance,
  parts: ServiceParts,
  { commitWithinMs }: TimeLimits = TIME_LIMITS,
): void {
  scope.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });
  healthRoutes(scope, parts);
  scope.register(async (signedIn) => {
    requireSignIn(signedIn, authenticator(parts));
    meRoutes(signedIn, parts.support ?? null);
    const findPartner = partnerFinder(parts.database, parts.lookUpPartner ?? null, parts.clock);
    partnerRoutes(signedIn, parts.database, findPartner);
    subscriptionRoutes(signedIn, parts.database);
    partnerOfRecordRoutes(signedIn, parts, findPartner, commitWithinMs);
  });
}

/** What is not of the contract: for people who have a browser only, and for clients that want to know how to sign in. */
function addPages(scope: FastifyInstance, { partnerPage, identityProvider }: ServiceParts): void {
  if (partnerPage) partnerPageRoutes(scope, partnerPage, identityProvider ?? null);
  if (identityProvider) signInMetadataRoutes(scope, identityProvider);
}
