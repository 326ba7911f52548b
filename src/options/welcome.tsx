import { t } from '../words/words';

/** What this is, whose record it keeps, and what to do next. */
export function Welcome() {
  return (
    <section class="card section welcome" aria-labelledby="welcome">
      <h2 id="welcome">{t('options.welcome')}</h2>
      <p>{t('options.welcomeWhat')}</p>
      <p>
        <strong>{t('options.welcomeWhose')}</strong>
      </p>
      <p>{t('options.welcomeNext')}</p>
    </section>
  );
}
