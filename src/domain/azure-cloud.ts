/** Azure's clouds, each with a management interface and a place to sign in of its own. */
export const AZURE_CLOUDS = ['public', 'usGovernment', 'china'] as const;
export type AzureCloud = (typeof AZURE_CLOUDS)[number];

/** The kind that connections to Azure are of, as the registry of kinds names it. */
export const AZURE_KIND = 'azurePal';

/** By cloud the application that people may sign in there with, by its client ID; null: none is known. */
export type AzureClientIds = Readonly<Record<AzureCloud, string | null>>;

/** Where a cloud is reached. That the last two have Partner Admin Link at all is documented nowhere public. */
export interface AzureEndpoints {
  /** The origin of its management interface: the address of a connection to it. */
  readonly management: string;
  /** What an access token for that interface is for. */
  readonly audience: string;
  /** The origin where people sign in. */
  readonly signIn: string;
}

/** By cloud, from “Azure environments” in Microsoft's documentation of its clouds. */
export const AZURE_ENDPOINTS: Readonly<Record<AzureCloud, AzureEndpoints>> = {
  public: {
    management: 'https://management.azure.com',
    audience: 'https://management.azure.com',
    signIn: 'https://login.microsoftonline.com',
  },
  usGovernment: {
    management: 'https://management.usgovcloudapi.net',
    audience: 'https://management.core.usgovcloudapi.net',
    signIn: 'https://login.microsoftonline.us',
  },
  china: {
    management: 'https://management.chinacloudapi.cn',
    audience: 'https://management.core.chinacloudapi.cn',
    signIn: 'https://login.partner.microsoftonline.cn',
  },
};

/** The cloud whose management interface is at an address; null where none is. */
export function azureCloudAt(address: string): AzureCloud | null {
  return AZURE_CLOUDS.find((cloud) => AZURE_ENDPOINTS[cloud].management === address) ?? null;
}
