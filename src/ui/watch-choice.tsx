import { type Settings, WATCH_EVERY, WATCHED, type WatchEvery, type Watched } from '../domain/settings';
import type { WatchOutcome } from '../domain/watch';
import { SelectField } from './choices';
import { formatAge } from './format';
import { Sentence } from './sentence';
import { t } from '../words/words';

interface WatchChoiceProps extends Pick<Settings, 'watch'> {
  /** Which subscriptions; null: it is links that are watched, all of them. */
  readonly watched: Watched | null;
  /** What an organisation has set of the two is not the person's to choose. */
  readonly managed: { readonly watch: boolean; readonly watched: boolean };
  /** How the last pass ended, of this person at this connection; null: none has. */
  readonly last: WatchOutcome | null;
  readonly now: number;
  readonly onChoose: (chosen: { readonly watch: WatchEvery } | { readonly watched: Watched }) => void;
}

/** How often to look for changes made elsewhere and at which subscriptions, with what the last look came to. */
export function WatchChoice({ watch, watched, managed, last, now, onChoose }: WatchChoiceProps) {
  const told = watch !== 'off' && (
    <>
      {lastText(last, now)}
      {watched === null && ` ${t('watch.links')}`}
    </>
  );
  return (
    <div class="row watch-choice">
      <SelectField
        label={t('watch.label')}
        value={watch}
        options={WATCH_EVERY.map((every) => [every, t(`watch.every.${every}`)] as const)}
        disabled={managed.watch}
        hint={
          managed.watch ? (
            <>
              {t('options.managed')} {told}
            </>
          ) : (
            told
          )
        }
        onChoose={(every) => onChoose({ watch: every })}
      />
      {watch !== 'off' && watched !== null && (
        <SelectField
          label={t('watch.which')}
          value={watched}
          options={WATCHED.map((which) => [which, t(`watch.watched.${which}`)] as const)}
          disabled={managed.watched}
          hint={managed.watched ? t('options.managed') : undefined}
          onChoose={(which) => onChoose({ watched: which })}
        />
      )}
    </div>
  );
}

/** What the last look came to. What could not be read is told as unknown, and what is not in the list as that and no more. */
function lastText(last: WatchOutcome | null, now: number) {
  if (last === null) return t('watch.notYet');
  const { endedAt, unknown, missing, whole } = last;
  return (
    <>
      <Sentence of="watch.looked" with={{ age: <bdi>{formatAge(endedAt, now)}</bdi> }} />
      {unknown > 0 && ` ${t('watch.unknown', { count: unknown })}`}
      {missing > 0 && ` ${t('watch.missing', { count: missing })}`}
      {!whole && unknown === 0 && ` ${t('watch.brokenOff')}`}
    </>
  );
}
