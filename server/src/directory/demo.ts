import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { CALLER_ROLES, type CallerRole } from '../../../src/domain/rights';
import { CLOUD_SERVICES, type CloudService } from '../../../src/domain/cloud-service';
import { ENGLISH } from '../../words/english';
import { wordsOf } from '../../words/words';
import { type Directory, type DirectoryInput, directorySchema } from './directory';

const MONTHS_OF_USAGE = 12;
const EXTRA_NAMES = [
  'Production',
  'Staging',
  'Development',
  'Data platform',
  'Identity',
  'Web shop',
  'Field service',
  'Archive',
  'Machine learning',
  'Backup',
  'Branch offices',
  'Sandbox',
];

const PARTNERS: DirectoryInput['partners'] = [
  {
    partnerId: '4852013',
    name: 'Fabrikam Cloud Services',
    location: 'Seattle, US',
    mail: 'alliances@fabrikam.example',
  },
  { partnerId: '5120846', name: 'Northwind Consulting', location: 'Oslo, NO', mail: 'partners@northwind.example' },
  { partnerId: '6003917', name: 'Adatum Digital', location: 'Munich, DE', mail: 'hello@adatum.example' },
  { partnerId: '731295', name: 'Tailspin Integrators', location: 'Austin, US', mail: 'desk@tailspin.example' },
  { partnerId: '84420156', name: 'Wingtip Advisory', location: 'London, GB', mail: 'office@wingtip.example' },
  {
    partnerId: '1928374',
    name: 'Proseware Managed Services',
    location: 'Toronto, CA',
    mail: 'partners@proseware.example',
  },
  { partnerId: '2746109', name: 'Litware Partners', location: 'Lisbon, PT', mail: 'mail@litware.example' },
  { partnerId: '3650218', name: 'Trey Research', location: 'Zurich, CH', mail: 'contact@treyresearch.example' },
  { partnerId: '9081726', name: 'Lucerne Networks', location: 'Lucerne, CH', mail: 'noc@lucerne.example' },
  { partnerId: '55512', name: 'VanArsdel Systems', location: 'Utrecht, NL', mail: 'info@vanarsdel.example' },
  { partnerId: '1000200300', name: 'Relecloud', location: 'São Paulo, BR', mail: 'parceiros@relecloud.example' },
  { partnerId: '7777001', name: 'Ärzte-IT Größenwahn & Söhne', location: 'Vienna, AT', mail: 'post@aerzte-it.example' },
  { partnerId: '6666001', name: '株式会社コントソ', location: 'Tokyo, JP', mail: 'info@contoso-jp.example' },
  // A name that tries to be markup and a formula: it is text everywhere, and the demo shows that it is.
  { partnerId: '9999999', name: '<img src=x onerror=alert(1)>=1+1', mail: 'mail@hostile.example' },
];

/** Whom the demo's mails come from. */
export const DEMO_LETTERHEAD = { organization: 'Contoso Ltd', contact: 'por-desk@contoso.example' };

const CUSTOMERS = [
  { id: 'contoso', name: 'Contoso Ltd' },
  { id: 'woodgrove', name: 'Woodgrove Bank' },
];

/** The caller whom most of the demo is seen through: every role, in every kind of subscription. */
const MAIN = 'avery.howard@contoso.example';
/** An account administrator's colleague in other roles. */
const OTHER = 'robin.counts@contoso.example';
const READER = 'sam.okoro@woodgrove.example';
const PARTNER_SIDE = 'pat.lindqvist@fabrikam.example';

const CALLERS: DirectoryInput['callers'] = [
  { principalId: MAIN, name: 'Avery Howard', organization: 'Contoso Ltd' },
  { principalId: OTHER, name: 'Robin Counts', organization: 'Contoso Ltd' },
  { principalId: READER, name: 'Sam Okoro', organization: 'Woodgrove Bank' },
  {
    principalId: PARTNER_SIDE,
    name: 'Pat Lindqvist',
    organization: 'Fabrikam Cloud Services',
    partnerId: '4852013',
  },
];

/** The principal IDs of the demo's callers, the main one first. */
export const DEMO_PRINCIPALS: readonly string[] = CALLERS.map((caller) => caller.principalId);

/**
 * The demo: subscriptions for every pair of a service and a role, and more in which the main caller is the account
 * administrator. The same at every call but for the times, which are relative to `now`.
 */
export function demoDirectory(now: Date): Directory {
  const words = wordsOf(ENGLISH, null);
  const pairs = CLOUD_SERVICES.flatMap((service) =>
    CALLER_ROLES.map((role) => ({ service, role, name: `${words.t(`services.${service}`)} ${ROLE_LABELS[role]}` })),
  );
  const extras = EXTRA_NAMES.flatMap((name) => [
    { service: 'azure' as const, role: 'AccountAdministrator' as const, name },
  ]);
  const subscriptions = [...pairs, ...extras].map(({ service, role, name }, index) =>
    demoSubscription({ service, role, name, index, now }),
  );
  return v.parse(directorySchema, { partners: PARTNERS, customers: CUSTOMERS, callers: CALLERS, subscriptions });
}

const ROLE_LABELS: Record<CallerRole, string> = {
  AccountAdministrator: 'headquarters',
  SubscriptionAdministrator: 'research',
  Contributor: 'engineering',
  ServiceAdministrator: 'operations',
  CoAdministrator: 'support',
  DelegatedAdministrator: 'subsidiary',
  Reader: 'audit',
};

interface Sketch {
  readonly service: CloudService;
  readonly role: CallerRole;
  readonly name: string;
  readonly index: number;
  readonly now: Date;
}

function demoSubscription({ service, role, name, index, now }: Sketch): DirectoryInput['subscriptions'][number] {
  const customer = CUSTOMERS[index % CUSTOMERS.length] ?? { id: '', name: '' };
  const year = now.getUTCFullYear();
  // Every third one has a partner already; the main caller's own are mostly free to be given one.
  const partner = index % 3 === 1 ? PARTNERS[Math.floor(index / 3) % PARTNERS.length] : undefined;
  return {
    subscriptionId: guidOf(`${customer.id} ${service} ${name}`),
    displayName: `${customer.name} ${name}`,
    service,
    state: role === 'Reader' ? 'Disabled' : 'Active',
    startDate: `${year - 1}-${twoDigits((index % 12) + 1)}-01T00:00:00Z`,
    endDate: `${year + 1}-${twoDigits((index % 12) + 1)}-01T00:00:00Z`,
    customerId: customer.id,
    roles: {
      [MAIN]: role,
      [OTHER]: CALLER_ROLES[(index + 1) % CALLER_ROLES.length] ?? role,
      ...(customer.id === 'woodgrove' && { [READER]: 'Reader' as const }),
    },
    ...(partner && {
      partnerOfRecord: {
        partnerId: partner.partnerId,
        assignedAt: new Date(Date.UTC(year - 1, index % 12, 15, 9, 30)).toISOString(),
        assignedBy: 'Avery Howard',
      },
    }),
    usage: Array.from({ length: MONTHS_OF_USAGE }, (_, ago) => demoUse(service, index, ago, now)).flat(),
  };
}

function demoUse(service: CloudService, index: number, ago: number, now: Date) {
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1));
  const month = `${first.getUTCFullYear()}-${twoDigits(first.getUTCMonth() + 1)}`;
  const size = 40 + ((index * 37 + first.getUTCMonth() * 13) % 160);
  return service === 'azure'
    ? [
        { month, service, meter: 'Compute', amount: size * 16.1, currency: 'USD' },
        { month, service, meter: 'Storage', amount: size * 5.25, currency: 'USD' },
      ]
    : [{ month, service, seats: size }];
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** A GUID of the fourth version that is always the same for the same text. */
function guidOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
