import { speak } from '../../src/words/words';
import { english } from './english';

speak(english);
