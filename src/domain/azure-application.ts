import type { AzureEndpoints } from './azure-cloud';

/** “Azure Service Management” and its delegated permission `user_impersonation`, which are the same in every tenant. */
const MANAGEMENT_API = '797f4846-ba00-4fd7-ba43-dac1f8f63013';
const USER_IMPERSONATION = '41094075-9dad-400e-a0bd-54e686782033';

/** What the application is called that {@link registrationCommands} registers, as people read it when they are asked for consent. */
const APPLICATION_NAME = 'Partner of Record Helper';

/**
 * Commands for a shell with the Azure CLI that register the extension as an application at Microsoft Entra: for accounts of any
 * organisation, as a single-page application that leads back to the extension, with the one permission that it asks for. Run again, they
 * alter the application of that name. `az ad app create` has no flag for the kind of the redirect address, so Microsoft Graph is told it.
 * @param redirectUri where Entra leads people back to; nothing that a shell or JSON reads otherwise stands in it
 */
export function registrationCommands(redirectUri: string): string {
  const access = [{ resourceAppId: MANAGEMENT_API, resourceAccess: [{ id: USER_IMPERSONATION, type: 'Scope' }] }];
  return [
    `app=$(az ad app create --display-name '${APPLICATION_NAME}' --sign-in-audience AzureADMultipleOrgs \\`,
    `  --required-resource-accesses '${JSON.stringify(access)}' --query appId --output tsv) &&`,
    // Each cloud has a Graph of its own, and this with or without a slash at its end.
    'graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv) &&',
    `az rest --method PATCH --url "\${graph%/}/v1.0/applications(appId='$app')" \\`,
    `  --headers 'Content-Type=application/json' --body '${JSON.stringify({ spa: { redirectUris: [redirectUri] } })}' &&`,
    'echo "Application (client) ID: $app"',
    '',
  ].join('\n');
}

/**
 * Where an administrator gives consent for everybody in a tenant (Microsoft, “Admin consent on the Microsoft identity platform”). It leads
 * back to the extension's redirect address, which no page answers at.
 * @param tenant its ID or a domain of its own
 */
export function adminConsentAddress(
  { signIn, audience }: AzureEndpoints,
  {
    clientId,
    tenant,
    redirectUri,
  }: { readonly clientId: string; readonly tenant: string; readonly redirectUri: string },
): string {
  const address = new URL(`${signIn}/${tenant}/v2.0/adminconsent`);
  address.search = new URLSearchParams({
    client_id: clientId,
    scope: `${audience}/user_impersonation`,
    redirect_uri: redirectUri,
  }).toString();
  return address.href;
}
