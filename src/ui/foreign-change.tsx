import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type ForeignChange, madeBy } from '../domain/history';
import type { PartnerRef } from '../domain/partner';
import type { Holding } from '../domain/partner-state';
import { plainPartner } from '../words/standing';
import { t } from '../words/words';
import { Button } from './button';
import { Name, PartnerName } from './partner-name';
import { ProblemText } from './problem-text';
import { Sentence } from './sentence';

/** A change made elsewhere in words: from whom to whom, and by whom where that is known. */
export function ForeignChangeText({ foreign }: { readonly foreign: ForeignChange }) {
  const by = madeBy(foreign);
  const partners = { before: partnerText(foreign.before), after: partnerText(foreign.after) };
  return by === null ? (
    <Sentence of="elsewhere.changed" with={partners} />
  ) : (
    <Sentence of="elsewhere.changedBy" with={{ ...partners, person: <Name text={by} /> }} />
  );
}

function partnerText(partner: PartnerRef | null): ComponentChildren {
  return partner === null ? t('pages.nobody') : <PartnerName partner={partner} />;
}

/** What came of a press: asked for; not, in words why; or the record holds something else by now, over which the person decides. */
export type Restored =
  | { readonly kind: 'asked' }
  | { readonly kind: 'problem'; readonly words: string }
  | { readonly kind: 'otherNow'; readonly found: Holding };

interface RestoreProps {
  readonly foreign: ForeignChange;
  /** Asks for what was there before it, over what the person takes the record to hold. */
  readonly restore: (seen: Holding) => Promise<Restored>;
  readonly onDone?: () => void;
  /** What stands beside the button. */
  readonly children?: ComponentChildren;
}

/** The button that puts back what a change made elsewhere has replaced; what came in the way of it is told beside. */
export function Restore({ foreign, restore, onDone, children }: RestoreProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ComponentChildren>(null);
  /** The record by now, of which the person was told when they last pressed. */
  const [found, setFound] = useState<Holding | null>(null);

  const press = () => {
    setBusy(true);
    setProblem(null);
    restore(found ?? { partnerOfRecord: foreign.after, version: foreign.version })
      .then(
        (restored) => {
          if (restored.kind === 'asked') onDone?.();
          if (restored.kind === 'problem') setProblem(restored.words);
          if (restored.kind !== 'otherNow') return;
          setFound(restored.found);
          setProblem(otherNowText(restored.found));
        },
        (cause: unknown) => setProblem(<ProblemText cause={cause} />),
      )
      .finally(() => setBusy(false));
  };

  return (
    <>
      {problem !== null && (
        <div class="small problem" role="alert">
          {problem}
        </div>
      )}
      <div class="row change-acts">
        <Button busy={busy} onPress={press}>
          {t('elsewhere.restore')}
        </Button>
        {children}
      </div>
    </>
  );
}

function otherNowText({ partnerOfRecord }: Holding): string {
  return partnerOfRecord === null
    ? t('elsewhere.noneNow')
    : t('elsewhere.otherNow', { partner: plainPartner(partnerOfRecord) });
}
