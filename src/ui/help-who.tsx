import { type CallerRole, rolesThatMayChange } from '../domain/rights';
import { listed, t } from '../words/words';
import { Answered } from './help';

/** Who may change the partner, as the rule says it. In a file of its own, since no panel asks it. */
export function HelpWho() {
  const everywhere = rolesThatMayChange('office365');
  const onAzure = rolesThatMayChange('azure').filter((role) => !everywhere.includes(role));
  const answer = t('help.who.answer', {
    everywhere: listed(everywhere.map(roleName)),
    onAzure: listed(onAzure.map(roleName)),
  });
  return <Answered about="who" answer={answer} />;
}

function roleName(role: CallerRole): string {
  return t(`rights.roles.${role}`);
}
