/** What looks at a page from within: one script, which runs before any of the page's own. */
import './ears';
import './focus';
import './judge';
import './letters';
