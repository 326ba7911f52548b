import { supportLink } from '../../src/domain/support';
import { Name, Sentence } from './reader';

/** Whom to ask, as the service says; nothing where it names nobody. */
export function Support({ support }: { readonly support: string | undefined }) {
  if (support === undefined) return null;
  const link = supportLink(support);
  const name = <Name text={support} />;
  return (
    <p>
      <Sentence
        of="partnerPage.support"
        with={{
          support:
            link === null ? (
              name
            ) : (
              <a href={link} rel="noreferrer">
                {name}
              </a>
            ),
        }}
      />
    </p>
  );
}
