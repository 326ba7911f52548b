import { remediesFor } from '../domain/remedies';
import { Button } from '../ui/button';
import { t } from '../words/words';
import type { Acts } from './panel-controller';
import type { ReadFailure } from './panel-state';

interface RemediesProps {
  readonly failure: ReadFailure;
  readonly reading: boolean;
  readonly acts: Acts;
}

/** The buttons that may help after a read failed. */
export function Remedies({ failure, reading, acts }: RemediesProps) {
  const remedies = remediesFor(typeof failure === 'string' ? null : failure);
  return (
    <>
      {remedies.includes('signIn') && (
        <Button weight="free" onPress={acts.signIn}>
          {t('pages.signIn')}
        </Button>
      )}
      {remedies.includes('openOptions') && (
        <Button weight="free" onPress={acts.openOptions}>
          {t('pages.openOptions')}
        </Button>
      )}
      {remedies.includes('tryAgain') && (
        <Button weight="free" busy={reading} onPress={acts.readAgain}>
          {t('pages.tryAgain')}
        </Button>
      )}
    </>
  );
}
