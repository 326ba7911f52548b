import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { t } from '../words/words';
import { useKeptFocus } from '../ui/use-kept-focus';

interface SectionProps {
  readonly title: string;
  readonly hint?: string;
  /** Its number, where it is one of several steps. */
  readonly step?: number;
  /** Policy fixes what stands here. */
  readonly managed?: boolean;
  readonly children: ComponentChildren;
}

/** A part of the options under its heading. */
export function Section({ title, hint, step, managed = false, children }: SectionProps) {
  const id = useId();
  const section = useKeptFocus();
  return (
    <section class="card section" aria-labelledby={id} tabIndex={-1} ref={section}>
      <div>
        <h2 class="step-title">
          {step !== undefined && (
            <span class="step-number" aria-hidden="true">
              {step}
            </span>
          )}
          <span id={id}>{title}</span>
        </h2>
        {hint !== undefined && <p class="muted">{hint}</p>}
        {managed && <p class="managed small">{t('options.managed')}</p>}
      </div>
      {children}
    </section>
  );
}
