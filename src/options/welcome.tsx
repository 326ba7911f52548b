import { OPTIONS } from '../ui/strings';

/** What this is, whose record it keeps, and what to do next. */
export function Welcome() {
  return (
    <section class="card section welcome" aria-labelledby="welcome">
      <h2 id="welcome">{OPTIONS.welcome}</h2>
      <p>{OPTIONS.welcomeWhat}</p>
      <p>
        <strong>{OPTIONS.welcomeWhose}</strong>
      </p>
      <p>{OPTIONS.welcomeNext}</p>
    </section>
  );
}
