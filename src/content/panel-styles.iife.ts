import baseStyles from '../ui/base.css?inline';
import { leaveStyles } from './markers';
import panelStyles from './panel.css?inline';

// Beside the panel's script, not in it: styles are text, which the browser need not parse as code.
leaveStyles(baseStyles + panelStyles);
