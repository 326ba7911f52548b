import type { Tick } from './selection';

interface TickBoxProps {
  readonly label: string;
  readonly tick: Tick;
  readonly onPress: (withShift: boolean) => void;
}

/** The box that selects a row, or several at once. What it shows is `tick`, whatever was pressed. */
export function TickBox({ label, tick, onPress }: TickBoxProps) {
  return (
    <input
      type="checkbox"
      class="checkbox tick"
      data-control="select"
      aria-label={label}
      checked={tick === 'all'}
      indeterminate={tick === 'some'}
      onClick={(event) => {
        event.currentTarget.checked = tick === 'all';
        event.currentTarget.indeterminate = tick === 'some';
        onPress(event.shiftKey);
      }}
    />
  );
}
