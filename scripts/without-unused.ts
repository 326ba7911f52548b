import { resolve } from 'node:path';
import type { Plugin } from 'vite';
import { scriptsOf } from './short-names';

/** What nothing here uses of a package, as its file has it, and what stands there instead: the minifier then takes out what only that led to. */
type Unused = readonly (readonly [what: string, RegExp, instead: string | ((found: string) => string)])[];

/** Preact, which each panel and page carries. */
const OF_PREACT: Unused = [
  // `dangerouslySetInnerHTML`: what is not there can not be misused.
  ['an assignment to innerHTML', /\(\w+\.innerHTML=\w+\.__html\)/, 'void 0'],
  ['properties of that name', /"dangerouslySetInnerHTML"==\w+\?\w+=\w+:/g, ''],
  ['portals', /\b\w+\.props\.__P\b(?!=)|\b\w+\.__P(?=&&\()/g, '!1'],
  ['formulas', /"math"==\w+\?\w+="http:\/\/www\.w3\.org\/1998\/Math\/MathML":/, ''],
  ['what is HTML in a drawing or a formula', /\("foreignObject"==.+?\.test\(\w+\)\)&&\(\w+="[^"]+xhtml"\),/, ''],
  ['components that are classes', /\((\w+)=\w+\.prototype\)&&\1\.render(?=,)/, '!1'],
  ['components that wait for a promise', /(?<=\bif\()(\w+)&&\1\.then(?=\))/, '!1'],
  ['their resumption', /128&\w+\.__u&&/, '0&&'],
  [
    'comments that part what a server sends by and by',
    /\w+&&8==\w+\.nodeType&&\w+\.data\.startsWith\("\$s"\)(?=\))/,
    '!1',
  ],
  [
    'a search for such comments',
    /for\((t&&!t\.parentNode&&\(t=S\(n\)\)&&!t\.parentNode&&\(t=null\),o=n\.__e),e=t;.*?;for\(o!=e&&/,
    '$1;o!=t&&',
  ],
  [
    'another',
    /,t=o;\(t=t&&t\.nextSibling\)&&8==t\.nodeType&&!t\.data\.startsWith\("\$s"\);\);/,
    ',t=o;t=t&&t.nextSibling;',
  ],
  ['their removal', /!u&&\(i=t\.__c\)&&\(i=i\.__z\)&&.*?g\(f\),g\(i\)\),/, ''],
  [
    'elements of a server after a failure',
    /if\(e\.length=v,r\.__v=null,c\|\|o\)if\(.*?else o&&o\.some\(g\);else (?=r\.__e=u\.__e;)/,
    'e.length=v;r.__v=null;',
  ],
  ['elements of a server in another rendering', /32&u\.__u\?\[i\]:null,f,i\|\|S\(u\),32&u\.__u/, 'null,f,i||S(u),!1'],
  ['elements that stand in a root before', /i\?null:r\.firstChild\?d\.call\(r\.childNodes\):null/, 'null'],
  ['the one of them that fits', /if\(("svg"==C\?[^;]*?),o\)for\(s=0;.*?break\}(?=if\(!t\))/, '$1;'],
  ['that it does not fit', /,x\.is\?x:a\),l&&\(n\.__m&&n\.__m\(r,o\),l=!1\),o=null\}/, ')}'],
  ['its attributes', /if\(a="template"==C&&t\.content\|\|t,o="textarea".*?k\.value;(?=for)/, 'a=t;'],
  ['its listeners', /l&&"function"!=typeof k\|\|(?=\$\[s\])/, ''],
  ['its children', /o\?o\[0\]:(?=u\.__k&&S\(u,0\),l,c\))/, ''],
  ['the removal of the rest', /(?<=,l,c\)),o&&o\.some\(g\)/, ''],
  ['its text', /l&&t\.data==x\|\|/, ''],
  ['its value', /l&&"textarea"!=C\|\|/, ''],
  ['names of another kind in drawings', /t=t\.replace\(\/xlink.*?"s"\)/, 'void 0'],
  ['components that catch errors', /for\(var i,o,e;t=t\.__;\).*?catch\(t\)\{n=t\}\}(?=throw)/, ''],
  ['an update by force', /x\.prototype\.forceUpdate=function.*?\},(?=x\.prototype\.render)/, ''],
  ['components told before an update', /d\.componentWillUpdate&&d\.componentWillUpdate\(M,d\.__s,L\),/, ''],
  ['consumers of a context', /j=\(s=V\.contextType\)&&i\[s\.__c\],L=s\?j\?j\.props\.value:s\.__:i/, 'L=i'],
  ['their subscription', /j&&j\.sub\(d\),/, ''],
];

/** The parser of tables, to which nothing is given but a text. */
const OF_PAPAPARSE: Unused = [
  [
    'its loading as anything but a module',
    /^\(function\(root, factory\)[\s\S]*?moduleFactory\(\)\s\{/m,
    'export default (() => {',
  ],
  ['the end of that', /\}\)\);\s*$/, '})();\n'],
  ['the global object, for workers', /var global = \(function[\s\S]*?(?=var Papa = )/, ''],
  ['its doors for tests and workers', /\tPapa\.WORKERS_SUPPORTED = [\s\S]*?(?=\t\/\/ Strip character)/, ''],
  [
    'all that can be parsed but a text',
    /\tfunction CsvToJson[\s\S]*?(?=\tfunction JsonToCsv)/,
    '\tfunction CsvToJson(input, config) { return new Parser(config).parse(stripBom(input), 0, false); }\n',
  ],
  [
    'options of a parser but its delimiter',
    /var newline = config\.newline;[\s\S]*?(?=\/\/ We're gonna need these)/,
    `const newline = '\\n', comments = false, preview = 0, fastMode = undefined, quoteChar = '"', escapeChar = '"';\n`,
  ],
  [
    'the same of its method',
    /function\(input, baseIndex, ignoreLastRow\)\s+\{/,
    'function(input) { const ignoreLastRow = false;',
  ],
  [
    'an expression for two quotes',
    /new RegExp\(escapeRegExp\(escapeChar\) \+ escapeRegExp\(quoteChar\), 'g'\)/,
    '/""/g',
  ],
  ['steps', /isFunction\(step\)/, 'false'],
  [
    'headings, and more than rows and errors',
    /if \(config\.header && [\s\S]*?errors: errors,[\s\S]*?\n\t{4}\};/,
    'return { data, errors };',
  ],
  ['an end before the end', /\t\t\/\*\* Sets the abort flag \*\/[\s\S]*?return cursor;\s+\};/, ''],
  [
    'all that can be written but headings and rows of texts',
    /(?<=function JsonToCsv\(_input, _config\)\s+\{)[\s\S]*?(?=\t\t\/\*\* The double for loop)/,
    `
    const { delimiter: _delimiter, quotes: _quotes } = _config, _newline = '\\r\\n', _quoteChar = '"', _escapedQuote = '""';
    const _writeHeader = true, _escapeFormulae = false, quoteCharRegex = /"/g;
    return serialize(_input.fields, _input.data.length > 0 ? _input.data : [[]]);
    `,
  ],
  [
    'rows that are no lists',
    /function serialize\(fields, data, skipEmptyLines\)[\s\S]*?var dataKeyedByField = [^\n]*/,
    "function serialize(fields, data) { var csv = ''; const skipEmptyLines = false, hasHeader = true, dataKeyedByField = false;",
  ],
  ['dates', /if \(str\.constructor === Date\)\s+\{[\s\S]*?\n\t{3}\}/, ''],
  [
    'ways to tell what is quoted',
    /\|\| _quotes === true\s+\|\| \(typeof _quotes === 'function' && _quotes\(str, col\)\)\s+\|\| \(Array\.isArray\(_quotes\) && _quotes\[col\]\)/,
    '|| _quotes?.(str, col)',
  ],
  ['streams', /\t\/\*\* ChunkStreamer is [\s\S]*?(?=\tfunction escapeRegExp)/, ''],
  ['workers', /\tfunction newWorker[\s\S]*?(?=\tfunction isFunction)/, ''],
];

/**
 * The window of rows: nothing here scrolls by command, to the side, from right to left, in lanes, from the end or in another frame, and no
 * browser of ours is WebKit on iOS.
 */
const OF_VIRTUAL_CORE: Unused = [
  ['gestures on iOS', /new IosGesture\(\{[\s\S]*?\n {4}\}\);/, 'null;'],
  ['listening to them', /if \("addEventListener" in this\.scrollElement\) \{[\s\S]*?\n {8}\}/, ''],
  ['scrolls in them', /if \(this\._iosGesture\.onScroll\([\s\S]*?\n {12}\}(?=\n {12}this\._flush)/, ''],
  ['whether they go on', /!\(isIOSWebKit\(\) && this\._iosGesture\.\w+\(\)\) && /g, ''],
  ['reconciling a command', / {2}scheduleScrollReconcile\(\) \{[\s\S]*?\n {2}\}\n(?=\}\nconst findNearest)/, ''],
  ['asking for that', /if \(this\.scrollState\) \{\s+this\.scheduleScrollReconcile\(\);\s+\}/, ''],
  ['a command that waits', /const queued = this\.scrollState;[\s\S]*?\n {12}\}\n/, ''],
  [
    'methods for commands',
    /\n {4}this\.(_writeAwaitingCommand|scroll\w+|cancelScroll|getOffsetFor\w+|isAtEnd|takeSnapshot|measure|getDistanceFromEnd|getVirtualDistanceFromEnd|_stopMomentum|_readElementOffset|getVirtualItemForOffset|_noteClampMax|_followOffsetTarget) = \([\s\S]*?\n {4}\};/g,
    '',
  ],
  ['calls of them', /this\.(_noteClampMax|_followOffsetTarget|scrollToEnd)\(.*\);/g, ''],
  ['a stop of momentum', /\(_a = this\._momentumStop\) == null \? void 0 : _a\.restore\(\);/, ''],
  [
    'measuring only some while a command runs',
    /\(!this\.isScrolling \|\| this\.scrollState\) && this\.shouldMeasureDuringScroll\(index\)/,
    '!this.isScrolling',
  ],
  ['the same in the observer', /if \(this\.shouldMeasureDuringScroll\(index\)\) /, ''],
  ['how it is known', /\n {4}this\.shouldMeasureDuringScroll = [\s\S]*?\n {4}\};/, ''],
  [
    'what a command wrote',
    /\n {4}this\.(getCommandWrittenOffset|_awaitingCommandReadBack) = [\s\S]*?(?=\n {4}this\.)/g,
    '',
  ],
  ['asking whether it was read back', /this\._awaitingCommandReadBack\(\)/g, 'false'],
  ['what it wrote, for a flush', /this\.getCommandWrittenOffset\(\) \?\? /g, ''],
  [
    'an anchor at the end',
    /if \(prevOptions !== void 0 && prevOptions\.enabled[\s\S]*?(?=\n {4}\};\n {4}this\.notify = )/,
    'this.options = merged;',
  ],
  ['following it', /const anchor = this\.pendingScrollAnchor;[\s\S]*?(?=\n {6}this\._flushHoldIfReady)/, ''],
  ['its offset', /if \(\(\(_a = this\.pendingScrollAnchor\)[\s\S]*?\n {6}\}/, ''],
  ['keeping the end in sight', /wasAtEnd = this\.options\.anchorTo [^;]*;/, 'wasAtEnd = false;'],
  [
    'reading back a command',
    / else if \(kind === "clampedReadBack"[\s\S]*?\n {12}\}(?=\n {12}this\.pendingWrite = null)/,
    '',
  ],
  ['smooth scrolling', /isSmoothScroll\(this\.scrollState\)/g, 'false'],
  ['a smooth command', /if \(\(\(_a = this\.scrollState\) == null \? void 0 : _a\.phase\) === "smooth"\) return;/, ''],
  ['lanes', /const measurements = this\.measurementsCache\.slice\(0, min\);[\s\S]*?return measurements;/, ''],
  ['their change', /if \(this\.(laneAssignments\.size > count|lanesChangedFlag)\) \{[\s\S]*?\n {8}\}\n/g, ''],
  ['whether there are some', /(this\.options\.)?lanes === 1(?= |\))/g, 'true'],
  ['a range in them', /const getStart = [\s\S]*?return \{ startIndex, endIndex \};/, ''],
  ['the total in them', / else \{\s+const endByLane[\s\S]*?\n {6}\}/, ''],
  [
    'a predicate of ours',
    /this\.shouldAdjustScrollPositionOnItemSizeChange !== void 0 \?[\s\S]*? : (?=defaultShouldAdjust)/,
    '',
  ],
  ['sides', /(this|instance)\.options\.horizontal/g, 'false'],
  ['another frame', /(this|instance)\.options\.useAnimationFrameWithResizeObserver/g, 'false'],
  ['the end of scrolling as an event', /instance\.options\.useScrollendEvent/g, 'false'],
  ['being switched off', /this\.options\.enabled/g, 'true'],
  [
    'options that nobody sets',
    /debug: false,\n\s+initialOffset[\s\S]*?(?=isScrollingResetDelay)/,
    'paddingStart: 0, paddingEnd: 0, indexAttribute: "data-index", lanes: 1,\n',
  ],
  ['more of them', /(?<=isScrollingResetDelay: 150),\n\s+enabled: [\s\S]*?(?=\n {6}\};)/, ''],
  ['options without a value', /for \(const key in opts2\) \{[\s\S]*?\n {6}\}\n/, 'Object.assign(merged, opts2);\n'],
  ['a look at what it does', /debug: \(\) => this\.options\.debug,?\n/g, ''],
  ['rows from right to left', /const isRtlElement = [^\n]*/, ''],
  ['an offset to the side', /\[options\.horizontal \? "left" : "top"\]: isRtlElement \? -adjustedOffset : /, 'top: '],
  ['a clock', /\n {4}this\.now = [\s\S]*?\n {4}\};/, ''],
  ['a wait for a frame', /if \(this\.rafId != null[\s\S]*?\n {6}\}/, ''],
  [
    'what lanes and commands kept',
    /this\.(scrollState|laneAssignments|prevLanes|lanesChangedFlag|lanesSettling|pendingScrollAnchor|_iosGesture|_lastElementOffset|_momentumStop|rafId) = [^;]*;/g,
    '',
  ],
  ['a change of lanes', /const lanesChanged = [^\n]*/, 'const lanesChanged = false;'],
  ['whether lanes settle', /this\.lanesSettling/g, 'false'],
  ['measuring nothing', /if \(!enabled\) \{[\s\S]*?\n {8}\}/, ''],
  ['sizes known before', /if \(this\.measurementsCache\.length === 0[\s\S]*?\n {8}\}/, ''],
  [
    'a scroll element that is no window',
    /if \(this\.scrollElement && "ownerDocument" in this\.scrollElement\) \{[\s\S]*?\} else \{[\s\S]*?\n {8}\}/,
    'this.targetWindow = this.scrollElement;',
  ],
  ['its height', /if \("scrollHeight" in el\) \{[\s\S]*?\n {6}\}/, ''],
  [
    'an offset that is no function',
    /\(typeof this\.options\.initialOffset === "function" \? this\.options\.initialOffset\(\) : this\.options\.initialOffset\)/,
    'this.options.initialOffset()',
  ],
  ['what it tells while it is developed', /process\.env\.NODE_ENV !== "production"/g, 'false'],
];

interface CalledApis {
  readonly [name: string]: CalledApis | number;
}

/** Of a table of the browser's APIs, the methods that a script of ours calls by name. Of others the browser itself gives a promise. */
function calledOf(apis: CalledApis, before: string, names: string): CalledApis {
  const called = Object.entries(apis).flatMap(([name, api]) => {
    const path = `${before}.${name}`;
    if (typeof api === 'number' || !names.includes(path)) return [];
    return [[name, 'minArgs' in api ? api : calledOf(api, path, names)] as const];
  });
  return Object.fromEntries(called);
}

/** All that scripts of ours name of the browser's APIs, each once: a thousand names are looked for in it. */
function namesOfApis(): string {
  const scripts = [...scriptsOf(resolve(import.meta.dirname, '..')).values()];
  return [...new Set(scripts.flatMap((script) => script.match(/browser\.[\w.]+/g) ?? []))].join();
}

/** The promises and answers of browsers that have `chrome` alone. */
const OF_POLYFILL: Unused = [
  [
    'its loading as anything but a module',
    /^\(function \(global, factory\)[\s\S]*?function \(module\) \{/,
    'const module = {};',
  ],
  ['the end of that', /\}\);\s*(\/\/# sourceMappingURL.*\s*)?$/, 'export default module.exports;'],
  [
    'a table of all APIs',
    /(?<=const apiMetadata = )\{[\s\S]*?\n {6}\}(?=;)/,
    (table) => JSON.stringify(calledOf(JSON.parse(table), 'browser', namesOfApis())),
  ],
  ['a look whether that is there', /if \(Object\.keys\(apiMetadata\)\.length === 0\) \{[\s\S]*?\n {6}\}\n/, ''],
  [
    'what only developer tools have',
    /const onRequestFinishedWrappers = [\s\S]*?(?=const onMessageWrappers)|devtools: \{[\s\S]*?\n {8}\},(?=\n {8}runtime)/g,
    '',
  ],
  ['settings of the browser', /const settingMetadata = [\s\S]*?(?=return wrapObject\(extensionAPIs)/, ''],
];

/** Signing in: what its functions say to a caller that gives them the wrong thing, which the compiler tells ours. */
const OF_OAUTH: Unused = [
  [
    'a sentence for a wrong argument',
    /(?<=throw CodedTypeError\()'"[^'\n]*'(?=, ERR_INVALID_ARG_(?:TYPE|VALUE)\);)/g,
    '""',
  ],
  ['a trace that the browser makes itself', /\n\s+Error\.captureStackTrace\?\.\(this, this\.constructor\);/g, ''],
  ['what only newer browsers have', /if \(Uint8Array\.(?:prototype\.to|from)Base64\) \{[\s\S]*?\n\}\nelse (?=\{)/g, ''],
  ['the same of addresses', /URL\.parse\s+\?\s+[^\n]*\s+: (?=\()/, ''],
  ['headers of a caller', /(?<=function prepareHeaders\()input\) \{[\s\S]*?\n\}/, ') { return new Headers(); }'],
  [
    'a signal that is no function',
    /(?<=function signal\(url, value\) \{\n)[\s\S]*?(?=\n\}\n)/,
    '    return value?.(url.href);',
  ],
  [
    'another place of what a provider can',
    /switch \(options\?\.algorithm\) \{[\s\S]*?\n {8}\}/,
    "appendWellKnown(url, '.well-known/openid-configuration');",
  ],
  ['endpoints for certificates of clients', /client\.use_mtls_endpoint_aliases/g, 'false'],
  ['a look for them', /if \(useMtlsAlias && [\s\S]*?\n {4}\}\n/, ''],
  ['their names', /useMtlsAlias \? `[^`]*` : /g, ''],
  ['proofs of possession', /if \(options\?\.DPoP !== undefined\) \{[\s\S]*?\n {4}\}\n/g, ''],
  ['what they leave', /options\?\.DPoP\?\.cacheNonce\(response, url\);/g, ''],
  ['decryption', /if \(decryptJwt !== undefined\) \{[\s\S]*?else \{\n(\s+throw [^\n]+\n)\s+\}/, '$1'],
  ['a function for it', /options(?:\?\.)?\[jweDecrypt\]/g, 'undefined'],
  ['other kinds of tokens', /if \(recognizedTokenTypes\?\.\[[\s\S]*?\n {4}\}\n {4}else (?=if)/, ''],
  ['what tells them', /options(?:\?)?\.recognizedTokenTypes/g, 'undefined'],
  [
    'an age of a sign-in',
    /if \(client\.require_auth_time === true\) \{[\s\S]*?'auth_time'\);\n {8}\}\n(?= {8}if \(additional)/,
    '',
  ],
  ['asking for it', /maxAge = resolveIdTokenMaxAge\(client, maxAge\);[\s\S]*?\n {4}\}\n/, ''],
  ['a look at it', /validateIdTokenAuthTime\(client, claims, maxAge\);/, ''],
  [
    'signing in without OpenID',
    /if \(typeof options\?\.expectedNonce === 'string'[\s\S]*?\{\n(\s+return [^\n]+\n)\s+\}\n\s+return processAuthorizationCodeOAuth2Response[^\n]+/,
    '$1',
  ],
  ['signing in without a nonce', /switch \(expectedNonce\) \{[\s\S]*?default:\n([\s\S]*?)\n {4}\}/, '$1'],
  ['a mark for that', /expectedNonce === expectNoNonce \? undefined : /, ''],
  ['tokens kept for a signature', /jwtRefs\.set\(response, jwt\);(?=\n {8}idTokenClaims)/, ''],
  [
    'an answer without a state',
    // What stands before it is matched too: looked for behind each place, it took most of the time of a build.
    /(export function validateAuthResponse\([\s\S]*?)switch \(expectedState\) \{[\s\S]*?default:\n([\s\S]*?\n {12}\})\n {4}\}/,
    '$1$2',
  ],
  [
    'several types that an answer may have',
    /let msg = '"response" content-type must be ';[\s\S]*?(?=\n {4}return OPE\(msg)/,
    `const msg = '"response" content-type must be ' + types[0];`,
  ],
  [
    'what led to an error, of which only words and code are read',
    /(?<=new OperationProcessingError\(message, \{ code), cause(?= \}\))/,
    '',
  ],
  ['the same of a wrong argument', /(?<=new TypeError\(message), \{ cause \}/, ''],
  ['a name for servers', /if \(typeof navigator === 'undefined'[\s\S]*?\n\}/, ''],
];

/** The schemas: they are read by nothing but the library's own functions, none of which waits. */
const OF_VALIBOT: Unused = [
  ['a mark of schemas that do not wait', /^\t\tasync: false,\n/gm, ''],
  ['a door for other libraries', /(?<=function _standardSchema\(schema\) \{\n)[\s\S]*?(?=\treturn schema;)/, ''],
];

const PACKAGES: readonly (readonly [path: string, Unused])[] = [
  ['/preact/dist/preact.mjs', OF_PREACT],
  ['/webextension-polyfill/dist/browser-polyfill.js', OF_POLYFILL],
  ['/oauth4webapi/build/index.js', OF_OAUTH],
  ['/valibot/dist/index.mjs', OF_VALIBOT],
  ['/papaparse/papaparse.js', OF_PAPAPARSE],
  ['/@tanstack/virtual-core/dist/esm/index.js', OF_VIRTUAL_CORE],
];

/**
 * Takes out of packages what nothing here uses, since what we ship has a limit of size. Fails the build when one no longer looks as
 * expected.
 */
export function withoutUnused(): Plugin {
  return {
    name: 'without-unused',
    config: () => ({ resolve: { alias: [{ find: /^papaparse$/, replacement: 'papaparse/papaparse.js' }] } }),
    transform: {
      filter: { id: /\/node_modules\// },
      handler(code, id) {
        const unused = PACKAGES.find(([path]) => id.endsWith(path))?.[1];
        if (unused === undefined) return null;
        let less = code;
        for (const [what, pattern, instead] of unused) {
          if (!pattern.test(less)) this.error(`${id} has no longer ${what} of the known form: look at it again`);
          less = typeof instead === 'string' ? less.replace(pattern, instead) : less.replace(pattern, instead);
        }
        return { code: less, map: null };
      },
    },
  };
}
