import { type CallerRole, rolesThatMayChange } from '../domain/rights';
import { listed, t } from '../words/words';

/** What people ask themselves before they act. */
export type Question = 'partnerId' | 'who' | 'whom';

/** A question that people have, and its answer when they open it. It leads nowhere else, so that nothing typed is lost. */
export function Help({ about }: { readonly about: Question }) {
  return (
    <details class="disclosure small">
      <summary>{t(`help.${about}.question`)}</summary>
      <p class="muted">{answerTo(about)}</p>
    </details>
  );
}

function answerTo(about: Question): string {
  if (about !== 'who') return t(`help.${about}.answer`);
  const everywhere = rolesThatMayChange('office365');
  const onAzure = rolesThatMayChange('azure').filter((role) => !everywhere.includes(role));
  return t('help.who.answer', {
    everywhere: listed(everywhere.map(roleName)),
    onAzure: listed(onAzure.map(roleName)),
  });
}

function roleName(role: CallerRole): string {
  return t(`rights.roles.${role}`);
}
