import { detect } from './detector';
import { leaveDetect } from './markers';

leaveDetect(detect);
detect(false);
