import { oneWorld } from './harness/spec';
import { crossingStyles } from './portals-page/crossing-styles';
import { inThePortal } from './portals-page/in-the-portal';
import { routes } from './portals-page/routes';

/** How the panel stands in a portal's page. Nobody changes anything here: one world serves all of it. */
const spec = oneWorld();

inThePortal(spec);
crossingStyles(spec);
routes(spec);
