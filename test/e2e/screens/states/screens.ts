import { confirm } from './confirm';
import { options } from './options';
import { partner } from './partner';
import { popup } from './popup';
import type { Screen } from './state';
import { subscriptions } from './subscriptions';
import { tenants } from './tenants';

/** Every page of ours in every state; the panel's are those of `stage/panel.tsx`. */
export const SCREENS: readonly Screen[] = [popup, options, subscriptions, tenants, confirm, partner];
