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
  ['what it tells while it is developed', /process\.env\.NODE_ENV !== "production"/g, 'false'],
];

interface CalledApis {
  readonly [name: string]: CalledApis | number;
}

/** Of a table of the browser's APIs, the methods that a script of ours calls by name. Of others the browser itself gives a promise. */
function calledOf(apis: CalledApis, before: string, scripts: string): CalledApis {
  const called = Object.entries(apis).flatMap(([name, api]) => {
    const path = `${before}.${name}`;
    if (typeof api === 'number' || !scripts.includes(path)) return [];
    return [[name, 'minArgs' in api ? api : calledOf(api, path, scripts)] as const];
  });
  return Object.fromEntries(called);
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
    (table) =>
      JSON.stringify(
        calledOf(JSON.parse(table), 'browser', [...scriptsOf(resolve(import.meta.dirname, '..')).values()].join()),
      ),
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
