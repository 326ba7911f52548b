export const OPTIONS_PAGE = 'src/options/index.html';
export const POPUP_PAGE = 'src/popup/index.html';
export const SUBSCRIPTIONS_PAGE = 'src/subscriptions/index.html';
export const TENANTS_PAGE = 'src/tenants/index.html';

/** A subscription's page in the Azure portal, as its own links have it. */
export function azurePage(subscriptionId: string): string {
  return `https://portal.azure.com/#@contoso.com/resource/subscriptions/${subscriptionId}/overview`;
}
