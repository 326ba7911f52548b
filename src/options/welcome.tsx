import { firstOf } from '../domain/settings';
import { visibleText } from '../domain/visible-text';
import { t } from '../words/words';
import type { Stored } from './stored';

/** What this is, whose record it keeps, and what to do next; it fits what an organisation has set up already. */
export function Welcome({ settings, managed }: Pick<Stored, 'settings' | 'managed'>) {
  const connection = managed.has('connections') ? firstOf(settings) : null;
  return (
    <section class="card section welcome" aria-labelledby="welcome">
      <h2 id="welcome">{t('options.welcome')}</h2>
      <p>{t('options.welcomeWhat')}</p>
      <p>
        <strong>{t('options.welcomeWhose')}</strong>
      </p>
      <p>
        {connection === null
          ? t('options.welcomeNext')
          : t(`options.welcomeManaged.${connection.signIn}`, { name: visibleText(connection.name) })}
      </p>
    </section>
  );
}
