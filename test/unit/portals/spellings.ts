import type { BuiltInPortalId } from '../../../src/domain/portal';
import { GUID } from './addresses';

const OTHER = GUID.replace('6', '7');
const TENANT = GUID.replace('6', '8');
const AZURE = 'https://portal.azure.com';
const ADMIN = 'https://admin.microsoft.com';
const ACCOUNT = 'https://account.azure.com';
const BLADE = 'Microsoft_Azure_Billing/SubscriptionsBlade/subscriptionId';

interface Spelling {
  readonly portal: BuiltInPortalId;
  readonly kind: string;
  /** Each shows the subscription {@link GUID}, and names that tenant. */
  readonly shown: readonly (readonly [address: string, tenant: string | null])[];
  readonly refused: readonly string[];
}

/** What is met in addresses besides the usual spelling, and what must stay untouched though it is spelled alike. */
export const SPELLINGS: readonly Spelling[] = [
  {
    portal: 'azure',
    kind: 'letter case',
    shown: [
      [`${AZURE}/#@Contoso.COM/RESOURCE/SUBSCRIPTIONS/${GUID.toUpperCase()}/OVERVIEW`, 'contoso.com'],
      [`${AZURE}/#resource/Subscriptions/${GUID}/Overview`, null],
      [`${AZURE}/#View/microsoft_azure_billing/SUBSCRIPTIONSBLADE/SubscriptionID/${GUID}`, null],
      [`${AZURE}/#BLADE/MICROSOFT_AZURE_BILLING/subscriptiondetails.reactview/subscriptionid/${GUID}`, null],
    ],
    refused: [
      `${AZURE}/#resource/subscriptions/${GUID}/RESOURCEGROUPS`,
      `${AZURE}/#resource/subscriptions/${GUID}/rEsOuRcEgRoUpS/web`,
      `${AZURE}/#resource/subscriptions/${GUID}/Providers`,
      `${AZURE}/#resource/subscriptions/${GUID}/pRoViDeRs/Microsoft.Web`,
    ],
  },
  {
    portal: 'azure',
    kind: 'doubled slashes',
    shown: [
      [`${AZURE}//#resource/subscriptions/${GUID}`, null],
      [`${AZURE}///?x=y#@contoso.com/resource/subscriptions/${GUID}`, 'contoso.com'],
      [`${AZURE}/#resource//subscriptions/${GUID}`, null],
      [`${AZURE}/#@contoso.com//resource/subscriptions//${GUID}///overview`, 'contoso.com'],
      [`${AZURE}/#view//${BLADE}//${GUID}`, null],
    ],
    refused: [
      `${AZURE}/#resource/subscriptions/${GUID}//resourceGroups`,
      `${AZURE}/#resource/subscriptions/${GUID}///resourcegroups//web`,
      `${AZURE}/#resource//subscriptions/${GUID}//Providers/Microsoft.Web`,
      `${AZURE}/#resource/subscriptions/${GUID}//overview//deeper`,
      `${AZURE}/#view/${BLADE}/${GUID}//resourceGroups`,
      `${AZURE}/#resource/subscriptions/${GUID}//${OTHER}`,
      `${AZURE}/#resource/subscriptions//${OTHER}//${GUID}/overview`,
      `${AZURE}//signin#resource/subscriptions/${GUID}`,
      `${AZURE}//example.net//x#resource/subscriptions/${GUID}`,
    ],
  },
  {
    portal: 'azure',
    kind: 'a slash right behind the #, or none',
    shown: [
      [`${AZURE}/#/@contoso.com/resource/subscriptions/${GUID}/overview`, 'contoso.com'],
      [`${AZURE}/#/resource/subscriptions/${GUID}`, null],
      [`${AZURE}/#//resource/subscriptions/${GUID}`, null],
      [`${AZURE}/#/view/${BLADE}/${GUID}`, null],
      [`${AZURE}/#/@/resource/subscriptions/${GUID}/overview`, null],
    ],
    refused: [
      `${AZURE}/##/resource/subscriptions/${GUID}`,
      `${AZURE}/#!/resource/subscriptions/${GUID}`,
      `${AZURE}/#/resource/subscriptions/${GUID}/resourceGroups`,
      `${AZURE}/#/home`,
    ],
  },
  {
    portal: 'azure',
    kind: 'a slash at the end',
    shown: [
      [`${AZURE}/#@contoso.com/resource/subscriptions/${GUID}/overview/`, 'contoso.com'],
      [`${AZURE}/#resource/subscriptions/${GUID}//`, null],
      [`${AZURE}/#view/${BLADE}/${GUID}/`, null],
      [`${AZURE}/#@contoso.com/blade/${BLADE}/${GUID}/?x=y`, 'contoso.com'],
    ],
    refused: [
      `${AZURE}/#resource/subscriptions/${GUID}/resourceGroups//`,
      `${AZURE}/#resource/subscriptions/${GUID}/overview/deeper/`,
      `${AZURE}/#resource/subscriptions/`,
      `${AZURE}/#view/${BLADE}/`,
    ],
  },
  {
    portal: 'azure',
    kind: 'percent-encoding',
    shown: [
      [`${AZURE}/#%40contoso.com/resource/%73ubscriptions/${GUID}`, 'contoso.com'],
      [`${AZURE}/#resource/%53%55BSCRIPTION%53/%36${GUID.slice(1)}/over%76iew`, null],
      [`${AZURE}/contoso%2Ecom#resource/subscriptions/${GUID}`, 'contoso.com'],
      [`${AZURE}/#view/Microsoft%5FAzure%5FBilling/Sub%73criptionsBlade/%73ubscriptionId/${GUID}`, null],
    ],
    refused: [
      `${AZURE}/#resource/subscriptions/${GUID}/resource%67roups`,
      `${AZURE}/#resource/subscriptions/${GUID}/%50roviders/x`,
      `${AZURE}/#resource/subscriptions/${GUID}/%2FresourceGroups`,
      `${AZURE}/#resource/subscriptions/${GUID}/resourceGroups%20`,
      `${AZURE}/#resource/subscriptions/${GUID}/resourceGroups%00`,
      `${AZURE}/#resource/subscriptions/${GUID}/resourceGroups%E2%80%8B`,
      `${AZURE}/#resource/subscriptions/${GUID}/resourceGroups%5Cweb`,
      `${AZURE}/#resource/subscriptions/${GUID}/resourceGroups\\web`,
      `${AZURE}/#resource/subscriptions/${GUID}/resourceGroups%3Fx`,
      `${AZURE}/#resource/subscriptions/${GUID}/resourceGroups%23x`,
      `${AZURE}/#resource/subscriptions/${GUID}/%2572esourceGroups`,
      `${AZURE}/#resource/subscriptions/${GUID}/overview/%2E%2E/resourceGroups`,
      `${AZURE}/#resource/subscriptions/${OTHER}/../${GUID}`,
      `${AZURE}/#resource/subscriptions/${GUID}/..`,
      `${AZURE}/#resource/subscriptions/${GUID}/%2e`,
      `${AZURE}/#%2540contoso.com/resource/subscriptions/${GUID}`,
      `${AZURE}/#resource/%2573ubscriptions/${GUID}`,
      `${AZURE}/contoso.com%2F#resource/subscriptions/${GUID}`,
      `${AZURE}/%zz#resource/subscriptions/${GUID}`,
    ],
  },
  {
    portal: 'azure',
    kind: 'a query before or behind the hash',
    shown: [
      [`${AZURE}?#resource/subscriptions/${GUID}`, null],
      [`${AZURE}/?feature.x=y&l=en#/@contoso.com/resource/subscriptions/${GUID}/`, 'contoso.com'],
      [`${AZURE}/?x=%zz#resource/subscriptions/${GUID}`, null],
      [`${AZURE}/#@contoso.com/resource/subscriptions/${GUID}/overview?x=y`, 'contoso.com'],
      [`${AZURE}/?a=b#resource/subscriptions/${GUID}?c=d#e`, null],
      [`${AZURE}/contoso.com?a=b#resource/subscriptions/${GUID}/?c=d`, 'contoso.com'],
      [`${AZURE}/#resource/subscriptions/${GUID}&x=y`, null],
      [`${AZURE}/#resource/subscriptions/${GUID}/overview&x=y`, null],
    ],
    refused: [
      `${AZURE}/?x#?resource/subscriptions/${GUID}`,
      `${AZURE}/?#resource/subscriptions/?id=${GUID}`,
      `${AZURE}/?subscriptionId=${GUID}#home`,
      `${AZURE}/?x=#resource?/subscriptions/${GUID}`,
      `${AZURE}/#resource/subscriptions/${GUID}/resourceGroups&x=y`,
      `${AZURE}/#resource&x=/subscriptions/${GUID}`,
      `${AZURE}/#resource/subscriptions/${GUID}/overview#/subscriptions/${OTHER}`,
    ],
  },
  {
    portal: 'azure',
    kind: 'the tenant in the path, in the hash, in both or absent',
    shown: [
      [`${AZURE}/contoso.com#resource/subscriptions/${GUID}`, 'contoso.com'],
      [`${AZURE}/Contoso.onMicrosoft.com/#resource/subscriptions/${GUID}/overview`, 'contoso.onmicrosoft.com'],
      [`${AZURE}/@contoso.com#resource/subscriptions/${GUID}`, 'contoso.com'],
      [`${AZURE}/%40contoso.com?x=y#/resource/subscriptions/${GUID}`, 'contoso.com'],
      [`${AZURE}//contoso.com//#view/${BLADE}/${GUID}`, 'contoso.com'],
      [`${AZURE}/${TENANT.toUpperCase()}#resource/subscriptions/${GUID}`, TENANT],
      [`${AZURE}/#@${TENANT.toUpperCase()}/resource/subscriptions/${GUID}`, TENANT],
      [`${AZURE}/#@bücher.example/resource/subscriptions/${GUID}`, 'xn--bcher-kva.example'],
      [`https://portal.azure.us/contoso.us#resource/subscriptions/${GUID}`, 'contoso.us'],
      [`${AZURE}/contoso.com#@/resource/subscriptions/${GUID}`, 'contoso.com'],
      // The route's is the directory of what the page shows.
      [`${AZURE}/contoso.com#@fabrikam.com/resource/subscriptions/${GUID}`, 'fabrikam.com'],
      // Neither a domain nor a GUID: nobody knows whose it is.
      [`${AZURE}/#@contoso/resource/subscriptions/${GUID}`, null],
      [`${AZURE}/#@contoso.com%20x/resource/subscriptions/${GUID}`, null],
      [`${AZURE}/#@/resource/subscriptions/${GUID}`, null],
    ],
    refused: [
      `${AZURE}/contoso#resource/subscriptions/${GUID}`,
      `${AZURE}/signin#resource/subscriptions/${GUID}`,
      `${AZURE}/signin/index/#resource/subscriptions/${GUID}`,
      `${AZURE}/contoso.com/signin#resource/subscriptions/${GUID}`,
      `${AZURE}/contoso.com/fabrikam.com#resource/subscriptions/${GUID}`,
      `${AZURE}/@@contoso.com#resource/subscriptions/${GUID}`,
      `${AZURE}/@#resource/subscriptions/${GUID}`,
      `${AZURE}/#@contoso.com/@fabrikam.com/resource/subscriptions/${GUID}`,
      `${AZURE}/#contoso.com/resource/subscriptions/${GUID}`,
      `${AZURE}/contoso.com/resource/subscriptions/${GUID}`,
      `${AZURE}/contoso.com#resource/subscriptions/${GUID}/resourceGroups`,
      `${AZURE}/contoso.com#resource/subscriptions/${GUID}//providers/x`,
    ],
  },
  {
    portal: 'azure',
    kind: 'hosts that only resemble the portal’s',
    shown: [[`HTTPS://Portal.Azure.COM//#/resource/subscriptions/${GUID}/`, null]],
    refused: [
      `https://portal.azure.com.contoso.com//#/resource/subscriptions/${GUID}`,
      `https://example.net/portal.azure.com#/@contoso.com/resource/subscriptions/${GUID}`,
      `https://contoso.com@example.net/#/resource/subscriptions/${GUID}`,
      `https://@contoso.com/#/resource/subscriptions/${GUID}`,
      `https://portal.azure.com%2Fcontoso.com#resource/subscriptions/${GUID}`,
      `https://xportal.azure.com//#resource/subscriptions/${GUID}`,
      `https://portal.azure.com.//#resource/subscriptions/${GUID}`,
    ],
  },
  {
    portal: 'microsoft365Admin',
    kind: 'letter case',
    shown: [
      [`${ADMIN}/ADMINPORTAL/HOME#/SUBSCRIPTIONS/WEBDIRECT/${GUID.toUpperCase()}`, null],
      [`${ADMIN}/AdminPortal/home?DELEGATEDORG=Contoso.com#/Subscriptions/details/${GUID}`, 'contoso.com'],
    ],
    refused: [
      `${ADMIN}/Adminportal/Home#/subscriptions/VLNEW/${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/SOFTWARE-ASSETS/${GUID}`,
    ],
  },
  {
    portal: 'microsoft365Admin',
    kind: 'doubled slashes',
    shown: [
      [`${ADMIN}//Adminportal//Home#/subscriptions/assets/${GUID}`, null],
      [`${ADMIN}/Adminportal/Home#//subscriptions//assets//${GUID}`, null],
      [`${ADMIN}//?#/subscriptions/assets/${GUID}`, null],
    ],
    refused: [
      `${ADMIN}/Adminportal/Home#/subscriptions//${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/assets/${GUID}//invoices`,
      `${ADMIN}/Adminportal/Home#/subscriptions//vlnew//${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions//software-assets/${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/${OTHER}//${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/assets/${GUID}//${OTHER}`,
      `${ADMIN}/Adminportal//Other#/subscriptions/assets/${GUID}`,
    ],
  },
  {
    portal: 'microsoft365Admin',
    kind: 'a slash right behind the #, or none',
    shown: [
      [`${ADMIN}/Adminportal/Home#subscriptions/assets/${GUID}`, null],
      [`${ADMIN}/?#subscriptions/webdirect/${GUID}`, null],
      [`${ADMIN}/Adminportal/Home#//subscriptions/assets/${GUID}`, null],
    ],
    refused: [
      `${ADMIN}/Adminportal/Home#subscriptions/${GUID}`,
      `${ADMIN}/Adminportal/Home#subscriptions/vlnew/${GUID}`,
      `${ADMIN}/Adminportal/Home##/subscriptions/assets/${GUID}`,
      `${ADMIN}/Adminportal/Home#/@contoso.com/subscriptions/assets/${GUID}`,
    ],
  },
  {
    portal: 'microsoft365Admin',
    kind: 'a slash at the end',
    shown: [
      [`${ADMIN}/Adminportal/Home/#/subscriptions/assets/${GUID}`, null],
      [`${ADMIN}/Adminportal/Home#/subscriptions/assets/${GUID}/`, null],
      [`${ADMIN}/Adminportal/Home/?x#/subscriptions/assets/${GUID}/`, null],
    ],
    refused: [
      `${ADMIN}/Adminportal/Home/#/subscriptions/assets/`,
      `${ADMIN}/Adminportal/Home/#/subscriptions/${GUID}/`,
      `${ADMIN}/Adminportal/#/subscriptions/assets/${GUID}`,
    ],
  },
  {
    portal: 'microsoft365Admin',
    kind: 'percent-encoding',
    shown: [
      [`${ADMIN}/%41dminportal/Home#/%73ubscriptions/assets/${GUID.replaceAll('-', '%2D')}`, null],
      [`${ADMIN}/?delegatedOrg=contoso%2Ecom#/subscriptions/asset%73/${GUID}`, 'contoso.com'],
    ],
    refused: [
      `${ADMIN}/Adminportal/Home#/subscriptions/vlne%77/${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/software%2Dassets/${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/software-assets%20/${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/%00vlnew/${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/x%2Fvlnew/${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/../${GUID}`,
      `${ADMIN}/Adminportal/Home#/subscriptions/assets/%zz/${GUID}`,
    ],
  },
  {
    portal: 'microsoft365Admin',
    kind: 'a query before or behind the hash',
    shown: [
      [`${ADMIN}/Adminportal/Home?ref=a&b=c#/subscriptions/assets/${GUID}?tab=licences`, null],
      [`${ADMIN}/Adminportal/Home?#/subscriptions/assets/${GUID}/?tab=licences`, null],
    ],
    refused: [
      `${ADMIN}/Adminportal/Home#/subscriptions/assets?id=${GUID}`,
      `${ADMIN}/Adminportal/Home#?/subscriptions/assets/${GUID}`,
      `${ADMIN}/Adminportal/Home?subscriptionId=${GUID}#/subscriptions/assets`,
      `${ADMIN}/Adminportal/Home#/subscriptions/assets&id=/${GUID}`,
    ],
  },
  {
    portal: 'microsoft365Admin',
    kind: 'the route at the host’s root, or under its usual path',
    shown: [
      [`${ADMIN}/#/subscriptions/webdirect/${GUID}`, null],
      [`${ADMIN}#/subscriptions/webdirect/${GUID}`, null],
      [`https://admin.cloud.microsoft/#/subscriptions/assets/${GUID}`, null],
    ],
    refused: [
      `${ADMIN}/Home#/subscriptions/assets/${GUID}`,
      `${ADMIN}/Adminportal#/subscriptions/assets/${GUID}`,
      `${ADMIN}/contoso.com#/subscriptions/assets/${GUID}`,
      `${ADMIN}/Adminportal/Home/Home#/subscriptions/assets/${GUID}`,
    ],
  },
  {
    portal: 'microsoft365Admin',
    kind: 'the tenant in the query, or absent',
    shown: [
      [`${ADMIN}/?delegatedOrg=contoso.onmicrosoft.com#/subscriptions/assets/${GUID}`, 'contoso.onmicrosoft.com'],
      [`${ADMIN}/Adminportal/Home?x=y&delegatedOrg=${TENANT}#/subscriptions/assets/${GUID}`, TENANT],
      [`${ADMIN}/?delegatedOrg=#/subscriptions/assets/${GUID}`, null],
    ],
    refused: [`${ADMIN}/?delegatedOrg=contoso.com&delegatedorg=fabrikam.com#/subscriptions/assets/${GUID}`],
  },
  {
    portal: 'accountCentre',
    kind: 'letter case',
    shown: [[`${ACCOUNT}/SUBSCRIPTIONS/statement?SubscriptionID=${GUID.toUpperCase()}`, null]],
    refused: [`${ACCOUNT}/SUBSCRIPTIONS/STATEMENT?SUBSCRIPTION=${GUID}`],
  },
  {
    portal: 'accountCentre',
    kind: 'doubled slashes',
    shown: [
      [`${ACCOUNT}//Subscriptions/Statement?subscriptionId=${GUID}`, null],
      [`${ACCOUNT}//Subscriptions///Statement//?subscriptionId=${GUID}`, null],
    ],
    refused: [
      `${ACCOUNT}//Subscriptions//Edit?subscriptionId=${GUID}`,
      `${ACCOUNT}//Subscriptions//Statement//Usage?subscriptionId=${GUID}`,
      `${ACCOUNT}//example.net/Subscriptions/Statement?subscriptionId=${GUID}`,
    ],
  },
  {
    portal: 'accountCentre',
    kind: 'a slash at the end',
    shown: [
      [`${ACCOUNT}/Subscriptions/Statement/?subscriptionId=${GUID}`, null],
      [`https://account.windowsazure.com/Subscriptions/Statement/?lang=en&subscriptionId=${GUID}#usage`, null],
    ],
    refused: [
      `${ACCOUNT}/Subscriptions/Statement/`,
      `${ACCOUNT}/Subscriptions/Statement/${GUID}/`,
      `${ACCOUNT}/Subscriptions/Statement?subscriptionId=${GUID}/`,
      `${ACCOUNT}/Subscriptions/Statement/Usage/?subscriptionId=${GUID}`,
    ],
  },
  {
    portal: 'accountCentre',
    kind: 'percent-encoding',
    shown: [
      [`${ACCOUNT}/%53ubscriptions/State%6Dent?%73ubscriptionId=${GUID.replaceAll('-', '%2d')}`, null],
      [`${ACCOUNT}/Subscriptions/Statement?subscription%49d=%36${GUID.slice(1)}`, null],
    ],
    refused: [
      `${ACCOUNT}/Subscriptions%5CStatement?subscriptionId=${GUID}`,
      `${ACCOUNT}/Subscriptions/Statement%2F?subscriptionId=${GUID}`,
      `${ACCOUNT}/Subscriptions/Statement%20?subscriptionId=${GUID}`,
      `${ACCOUNT}/Subscriptions/Statement?subscriptionId%3D${GUID}`,
      `${ACCOUNT}/Subscriptions/Statement?subscriptionId=${GUID}%00`,
    ],
  },
  {
    portal: 'accountCentre',
    kind: 'a query before or behind the hash',
    shown: [
      [`${ACCOUNT}/Subscriptions/Statement?&x&subscriptionId=${GUID}&`, null],
      [`${ACCOUNT}/Subscriptions/Statement?subscriptionId=${GUID}#/usage?x=y`, null],
      [`${ACCOUNT}/Subscriptions/Statement?subscriptionId=${GUID}#%zz`, null],
    ],
    refused: [
      `${ACCOUNT}/Subscriptions/Statement#?subscriptionId=${GUID}`,
      `${ACCOUNT}/Subscriptions/Statement?subscriptionId=${GUID}&&%73ubscriptionId=${OTHER}`,
      `${ACCOUNT}/Subscriptions/Statement?subscriptionId=${OTHER};subscriptionId=${GUID}`,
      `${ACCOUNT}/Subscriptions/Statement?subscriptionId=${GUID}?x=y`,
      `${ACCOUNT}/?subscriptionId=${GUID}`,
    ],
  },
  {
    portal: 'accountCentre',
    kind: 'a tenant, which no address of this portal names',
    shown: [[`${ACCOUNT}/Subscriptions/Statement?delegatedOrg=contoso.com&subscriptionId=${GUID}`, null]],
    refused: [
      `${ACCOUNT}/contoso.com/Subscriptions/Statement?subscriptionId=${GUID}`,
      `${ACCOUNT}/${OTHER}/Subscriptions/Statement?subscriptionId=${GUID}`,
    ],
  },
];

/** Every way to put one of each list after the other. */
function combined(...choices: readonly (readonly string[])[]): string[] {
  return choices.reduce<string[]>((before, next) => before.flatMap((text) => next.map((one) => text + one)), ['']);
}

const LETTERS = [
  (text: string) => text,
  (text: string) => text.toUpperCase(),
  // Each fourth letter percent-encoded.
  (text: string) =>
    text.replace(/[a-z]/gi, (letter, at: number) => (at % 4 === 0 ? `%${letter.charCodeAt(0).toString(16)}` : letter)),
];

/** Addresses in which every way of spelling meets every other; all of them show {@link GUID}. */
export const COMBINED: Record<BuiltInPortalId, readonly string[]> = {
  azure: LETTERS.flatMap((written) =>
    combined(
      [AZURE],
      ['', '/', '//', '/contoso.com', '/@contoso.com/', `//${TENANT}//`],
      ['', '?', '?feature.x=y'],
      ['#', '#/', '#//'],
      ['', '@/', '@fabrikam.com/', `%40${TENANT}//`],
      [written(`resource/subscriptions//${GUID}/overview`), written(`blade/${BLADE}//${GUID}`)],
      ['', '/', '//'],
      ['', '?x=y'],
    ),
  ),
  accountCentre: LETTERS.flatMap((written) =>
    combined(
      [ACCOUNT],
      ['/', '//'],
      [written('Subscriptions')],
      ['/', '//'],
      [written('Statement')],
      ['', '/', '//'],
      ['?', '?x=y&', '?&'],
      [`${written('subscriptionId')}=${written(GUID)}`],
      ['', '&', '&x=y'],
      ['', '#', '#usage', '#/x?y=z'],
    ),
  ),
  microsoft365Admin: LETTERS.flatMap((written) =>
    combined(
      [ADMIN],
      ['', '/', '//', `/${written('Adminportal/Home')}`, `//${written('Adminportal//Home')}/`],
      ['', '?', '?x', '?x=y&delegatedOrg=contoso.com'],
      ['#', '#/', '#//'],
      [written('subscriptions')],
      ['/', '//'],
      [written('webdirect')],
      ['/', '//'],
      [written(GUID)],
      ['', '/', '//'],
      ['', '?x=y'],
    ),
  ),
};
