import { arrange } from './arrange';

await arrange();
await import('../../../../server/partner-page/main');
