import { render } from 'preact';
import { ENGLISH } from '../words/english';
import { wordsOf } from '../words/words';
import './page.css';
import { PartnerPage } from './partner-page';
import { ReaderContext, readerOf } from './reader';

const root = document.getElementById('page');
const reader = readerOf(wordsOf(ENGLISH, navigator.language));
if (root !== null) {
  render(
    <ReaderContext.Provider value={reader}>
      <PartnerPage />
    </ReaderContext.Provider>,
    root,
  );
}
