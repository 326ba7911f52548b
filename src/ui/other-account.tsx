import { Button } from './button';
import { Notice } from './notice';
import { Name } from './partner-name';
import { Sentence } from './sentence';

interface OtherAccountProps {
  /** What people call the account that came back from signing in; null where none did but the one wanted. */
  readonly name: string | null;
  /** What they call the one that was wanted; null where any was. */
  readonly wanted: string | null;
  readonly onSignIn: () => void;
}

/** Another account came back from signing in than the link is of. */
export function OtherAccount({ name, wanted, onSignIn }: OtherAccountProps) {
  if (name === null) return null;
  const again = wanted !== null && (
    <Button weight="free" onPress={onSignIn}>
      <span>
        <Sentence of="link.signInAs" with={{ account: <Name text={wanted} /> }} />
      </span>
    </Button>
  );
  return (
    <Notice role="alert" tone="warn" actions={again}>
      <Sentence of="link.otherAccount" with={{ account: <Name text={name} /> }} />
    </Notice>
  );
}
