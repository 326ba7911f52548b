import type { Subject } from '../subject';
import { bulk } from './bulk';
import { history } from './history';
import { historyExport } from './history-export';
import { importing } from './import';
import { listing } from './listing';
import { pageCost } from './page-cost';
import { panel } from './panel';
import { popup } from './popup';
import { serviceLists } from './service-lists';
import { serviceWrites } from './service-writes';
import { sizes } from './sizes';
import { wall } from './wall';

/** All that is measured, in the order of the table. */
export const SUBJECTS: readonly Subject[] = [
  pageCost,
  panel,
  sizes,
  popup,
  history,
  historyExport,
  bulk,
  listing,
  importing,
  wall,
  serviceLists,
  serviceWrites,
];
