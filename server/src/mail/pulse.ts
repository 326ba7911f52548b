/** Shows those who watch the service whether the mails go on: they are the one work of it that no caller waits for. */
export interface MailPulse {
  /** The outbox was worked on, or looked at and found without work. */
  beat(): void;
  readonly secondsSinceBeat: () => number;
}

/** Longer than one mail may take, its writing down included. */
const LATE_AFTER_SECONDS = 90;

export function createMailPulse(): MailPulse {
  let last = performance.now();
  return {
    beat: () => {
      last = performance.now();
    },
    secondsSinceBeat: () => (performance.now() - last) / 1000,
  };
}

/** Whether nothing was heard of the mails for longer than one of them takes. */
export function areMailsLate(pulse: MailPulse): boolean {
  return pulse.secondsSinceBeat() > LATE_AFTER_SECONDS;
}
