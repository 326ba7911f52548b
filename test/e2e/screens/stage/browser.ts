import { arrange } from './arrange';

/** Stands in for `src/platform/browser`. Whatever needs the browser waits here until all that it will find is there. */
await arrange();

export { browser } from '../../../unit/pages/fake-browser';
