import type { ComponentChildren } from 'preact';

interface NoticeProps {
  /** `alert` is read out at once and is for problems; absent when nothing should be read out. */
  readonly role?: 'alert' | 'status';
  readonly tone: 'plain' | 'good' | 'warn' | 'bad';
  readonly children: ComponentChildren;
  /** Buttons that answer it. */
  readonly actions?: ComponentChildren;
}

/** What happened, in words, and beside it what can be done about it. */
export function Notice({ role, tone, children, actions }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`}>
      <div class="notice-text" role={role}>
        {children}
      </div>
      {actions && <div class="row">{actions}</div>}
    </div>
  );
}
