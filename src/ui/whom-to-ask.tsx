import { Name } from './partner-name';
import { Sentence } from './sentence';

interface WhomToAskProps {
  /** An address or a text, as the service says. */
  readonly support: string;
  /** Where it leads; null where nobody is led away by it. */
  readonly link?: string | null;
}

/** Whom the service says to ask. */
export function WhomToAsk({ support, link = null }: WhomToAskProps) {
  const name = <Name text={support} />;
  const contact =
    link === null ? (
      name
    ) : (
      <a href={link} target="_blank" rel="noreferrer">
        {name}
      </a>
    );
  return (
    <p class="small">
      <Sentence of="pages.whomToAsk" with={{ contact }} />
    </p>
  );
}
