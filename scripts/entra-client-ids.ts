import { AZURE_CLOUDS, type AzureCloud } from '../src/domain/azure-cloud';
import { parseGuid } from '../src/domain/guid';

/** The environment variable that names the application of a cloud. */
const VARIABLES: Readonly<Record<AzureCloud, string>> = {
  public: 'ENTRA_CLIENT_ID',
  usGovernment: 'ENTRA_CLIENT_ID_US_GOVERNMENT',
  china: 'ENTRA_CLIENT_ID_CHINA',
};

/**
 * The applications that a build signs in with at Microsoft Entra, as its environment names them, by cloud.
 * @throws where one is no application (client) ID
 */
export function entraClientIds(
  environment: Readonly<Partial<Record<string, string>>>,
): Readonly<Partial<Record<AzureCloud, string>>> {
  const found: Partial<Record<AzureCloud, string>> = {};
  for (const cloud of AZURE_CLOUDS) {
    const variable = VARIABLES[cloud];
    const said = environment[variable] ?? '';
    if (said === '') continue;
    const id = parseGuid(said);
    if (id === null) throw new Error(`${variable} is no application (client) ID, which is a GUID: ${said}`);
    found[cloud] = id;
  }
  return found;
}
