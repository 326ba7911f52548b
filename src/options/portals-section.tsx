import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { BuiltInPortalId } from '../domain/portal';
import type { PortalSettings, Settings } from '../domain/settings';
import { visibleText } from '../domain/visible-text';
import { call } from '../messaging/call';
import { builtInOrigins, builtInPortals, checkOwnPattern, ownPatternFrom } from '../portals/index';
import { Button } from '../ui/button';
import { CheckField } from '../ui/choices';
import { Name } from '../ui/partner-name';
import { t } from '../words/words';
import { TextField } from '../ui/text-field';
import { failedBy, OutcomeNotice, useAct } from './outcome';
import { releaseOrigin, requestPermissions } from './permission';
import { Section } from './section';
import type { Stored } from './stored';
import { useUnsavedInput } from './unsaved';

/** Which portals to serve. What is chosen here takes effect at once. */
export function PortalsSection({ settings, managed }: Stored) {
  const [wanted, setWanted] = useState<PortalSettings | null>(null);
  // A switch shows what was chosen before it is stored.
  const portals = wanted ?? settings.portals;
  /** How many choices are not stored yet: what is read meanwhile may lack the last of them. */
  const unsaved = useRef(0);
  useLayoutEffect(() => {
    if (unsaved.current === 0) setWanted(null);
  }, [settings.portals]);
  /** What is to be served, also while something else was asked for since this was drawn. */
  const latest = useRef(portals);
  latest.current = portals;
  const [typed, setTyped] = useState('');
  /** The pattern made from the address, as the person changed it. */
  const [edited, setEdited] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const typedField = useRef<HTMLInputElement>(null);
  const patternField = useRef<HTMLInputElement>(null);
  // What was typed is no pattern itself, but one can be made from it.
  const made = checkOwnPattern(typed).ok ? null : patternOf(typed);
  const pattern = edited ?? made ?? '';
  useUnsavedInput('portals', typed !== '');
  const { busy, outcome, act, tell } = useAct<string>();
  const fixed = managed.has('portals');

  const fail = (cause: unknown) => tell(failedBy(cause));
  const save = async (part: Partial<PortalSettings>) => {
    const next = { ...latest.current, ...part };
    latest.current = next;
    setWanted(next);
    unsaved.current += 1;
    try {
      await call('portals.save', { portals: { off: [...next.off], own: [...next.own] } });
    } catch (cause) {
      setWanted(null);
      throw cause;
    } finally {
      unsaved.current -= 1;
    }
    return next;
  };

  const toggle = (id: BuiltInPortalId, on: boolean) => {
    const off = latest.current.off.filter((other) => other !== id);
    save({ off: on ? off : [...off, id] }).catch(fail);
  };

  const remove = (pattern: string) =>
    act(pattern, async () => {
      const saved = await save({ own: latest.current.own.filter((other) => other !== pattern) });
      const removed = checkOwnPattern(pattern);
      if (removed.ok) await releaseOrigin(removed.origin, originsNeeded({ ...settings, portals: saved }));
      return { good: true, words: t('options.portalRemoved') };
    });

  const add = () => {
    const checked = made === null ? ownPatternFrom(typed) : checkOwnPattern(pattern);
    const complain = (words: string) => {
      setProblem(words);
      (made === null ? typedField : patternField).current?.focus();
    };
    if (!checked.ok) return complain(t(`options.ownPatternProblems.${checked.problem}`));
    if (portals.own.includes(checked.pattern)) return complain(t('options.portalKnown'));
    const { origin } = checked;
    const allowed = requestPermissions([origin]);
    act('add', async () => {
      if (!(await allowed)) return { good: false, words: t('options.portalRefused', { origin }) };
      await save({ own: [...latest.current.own, checked.pattern] });
      setTyped('');
      setEdited(null);
      return { good: true, words: t('options.portalAdded') };
    });
  };

  return (
    <Section title={t('options.portals')} hint={t('options.portalsHint')} managed={fixed}>
      <ul class="lines">
        {builtInPortals.map(({ id, hosts }) => (
          <li key={id}>
            <CheckField
              kind="switch"
              label={t(`portals.${id}`)}
              hint={hosts.join(', ')}
              checked={!portals.off.includes(id)}
              disabled={fixed}
              onToggle={(on) => toggle(id, on)}
            />
          </li>
        ))}
      </ul>
      {portals.own.length > 0 && (
        <div class="stack-tight">
          <h3>{t('options.ownPortals')}</h3>
          <ul class="lines" aria-label={t('options.ownPortals')}>
            {portals.own.map((pattern) => (
              <OwnPortal key={pattern} pattern={pattern} onRemove={fixed ? null : () => remove(pattern)} />
            ))}
          </ul>
        </div>
      )}
      {!fixed && (
        <>
          <TextField
            label={t('options.ownPattern')}
            value={typed}
            inputMode="url"
            hint={t('options.ownPatternHint')}
            problem={made === null ? problem : null}
            inputRef={typedField}
            onType={(text) => {
              setTyped(text);
              setEdited(null);
              setProblem(null);
            }}
            onEnter={add}
            beside={
              <Button onPress={add} busy={busy.includes('add')}>
                {t('options.addPortal')}
              </Button>
            }
          />
          {made !== null && (
            <TextField
              label={t('options.madePattern')}
              value={pattern}
              inputMode="url"
              hint={t('options.madePatternHint')}
              problem={problem}
              inputRef={patternField}
              onType={(text) => {
                setEdited(text);
                setProblem(null);
              }}
              onEnter={add}
            />
          )}
        </>
      )}
      <CheckField
        kind="switch"
        label={t('options.confirmAlways')}
        hint={managed.has('confirm') ? t('options.managed') : t('options.confirmAlwaysHint')}
        checked={settings.confirm === 'always'}
        disabled={managed.has('confirm')}
        onToggle={(always) => call('confirm.save', { confirm: always ? 'always' : 'whenUnsure' }).catch(fail)}
      />
      <OutcomeNotice outcome={outcome} />
    </Section>
  );
}

interface OwnPortalProps {
  readonly pattern: string;
  /** Null: it stays. */
  readonly onRemove: (() => void) | null;
}

/** A portal in the list, and why it is not served where its pattern came from elsewhere and is a bad one. */
function OwnPortal({ pattern, onRemove }: OwnPortalProps) {
  const checked = checkOwnPattern(pattern);
  return (
    <li>
      <div class="code-line">
        <code>
          <Name text={pattern} />
        </code>
        {onRemove !== null && (
          <Button kind="danger" onPress={onRemove}>
            {t('options.remove')}
            <span class="for-readers"> {visibleText(pattern)}</span>
          </Button>
        )}
      </div>
      {!checked.ok && <p class="problem small">{t(`options.ownPatternProblems.${checked.problem}`)}</p>}
    </li>
  );
}

/** The pattern made from an address; null where none can be. */
function patternOf(address: string): string | null {
  const made = ownPatternFrom(address);
  return made.ok ? made.pattern : null;
}

/** The origins of all connections and of every portal, served or not. */
function originsNeeded({ connections, portals }: Settings): string[] {
  return [
    ...connections.map(({ address }) => new URL(address).origin),
    ...builtInPortals.flatMap(builtInOrigins),
    ...portals.own.map(checkOwnPattern).flatMap((checked) => (checked.ok ? [checked.origin] : [])),
  ];
}
