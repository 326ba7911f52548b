import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';

interface Tab<T extends string> {
  readonly id: T;
  readonly name: string;
  /** Shown beside the name when above 0, and described by the words. */
  readonly count?: number;
  readonly countWords?: string;
  /** Drawn once the tab was chosen, and kept from then on. `shown`: whether it is the chosen one now. */
  readonly content: (shown: boolean) => ComponentChildren;
}

interface TabsProps<T extends string> {
  readonly label: string;
  readonly chosen: T;
  readonly onChoose: (id: T) => void;
  readonly tabs: readonly Tab<T>[];
}

/** Tabs with the keys people expect: arrows, Home and End move and choose, Tab goes on into the panel. */
export function Tabs<T extends string>({ label, chosen, onChoose, tabs }: TabsProps<T>) {
  const id = useId();
  const met = useRef(new Set<T>());
  met.current.add(chosen);
  const list = useRef<HTMLDivElement>(null);

  const choose = (index: number) => {
    const at = (index + tabs.length) % tabs.length;
    const tab = tabs[at];
    if (tab === undefined) return;
    onChoose(tab.id);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[at]?.focus();
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  };

  return (
    <div class="tabs">
      <div class="tablist" role="tablist" aria-label={label} ref={list}>
        {tabs.map((tab, index) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`${id}-${tab.id}-tab`}
            class="tab"
            aria-selected={tab.id === chosen}
            aria-controls={`${id}-${tab.id}`}
            aria-describedby={tab.count ? `${id}-${tab.id}-count` : undefined}
            tabIndex={tab.id === chosen ? 0 : -1}
            onClick={() => choose(index)}
            onKeyDown={(event) => onKey(event, index)}
          >
            {tab.name}
            {tab.count ? (
              <span class="tab-count" aria-hidden="true">
                {tab.count}
              </span>
            ) : null}
          </button>
        ))}
      </div>
      {tabs.map((tab) => (
        <div
          key={tab.id}
          hidden={tab.id !== chosen}
          role="tabpanel"
          id={`${id}-${tab.id}`}
          aria-labelledby={`${id}-${tab.id}-tab`}
        >
          {tab.count ? (
            <span id={`${id}-${tab.id}-count`} hidden>
              {tab.countWords}
            </span>
          ) : null}
          {met.current.has(tab.id) && tab.content(tab.id === chosen)}
        </div>
      ))}
    </div>
  );
}
