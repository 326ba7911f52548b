import { expect, it } from 'vitest';
import { roleName, whyNotPermitted } from '../../../server/src/subscriptions/rights-sentence';
import { CALLER_ROLES, mayChangePartner } from '../../../src/domain/rights';
import { CLOUD_SERVICES } from '../../../src/domain/cloud-service';

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function page(): string {
  const table = [
    row(['role', ...CLOUD_SERVICES.map((service) => `\`${service}\``)]),
    row(['---', ...CLOUD_SERVICES.map(() => '---')]),
    ...CALLER_ROLES.map((role) =>
      row([
        `\`${role}\`: ${roleName(role)}`,
        ...CLOUD_SERVICES.map((service) => (mayChangePartner(role, service) ? '**change**' : 'see')),
      ]),
    ),
  ];
  return `# Who may change the partner of record

By the caller's role in the subscription, and by the subscription's \`service\`:

${table.join('\n')}

- **change**: attach a partner, change it and remove it, and see all that "see" does.
- see: find the subscription, see its partner of record and the log of changes.

Without a role in the subscription a caller does not learn that it exists. A partner's own people see the subscriptions that name
their partner, and nothing of them but what [the contract](contract.md#what-a-partner-sees) lists.

The service decides, at each change and in one place, and refuses with 403 \`NotPermitted\` and a sentence such as
"${whyNotPermitted('Reader', 'azure')}"
The extension says so, in the panel's line in fewer words, and offers nothing to press that would be refused.

This page is written from \`src/domain/rights.ts\`, which the service decides by, and \`test/unit/domain/who-may.test.ts\` holds it to
that; \`npx vitest run --project unit who-may -u\` writes it anew.
`;
}

it('is told in the docs as it is decided', async () => {
  await expect(page()).toMatchFileSnapshot('../../../docs/who-may.md');
});
