import { oneWorld } from './harness/spec';
import { pages } from './our-pages/pages';
import { popup } from './our-pages/popup';
import { states } from './our-pages/states';
import { subscriptions } from './our-pages/subscriptions';

/** What the extension's pages and the panel show. Few changes are made, each on a subscription of its own: one world serves all of it. */
const spec = oneWorld();

states(spec);
subscriptions(spec);
pages(spec);
popup(spec);
