import type { Block, Sentence } from './letter-blocks';

/**
 * Styles stand on the elements, since mail programs drop style sheets. None sets a colour of text or paper: each program has its
 * own for light and dark, and one that we set is left standing on the other one's.
 */
const FONT = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif';
const LINE = '1px solid #909ba0';
const STYLES = {
  html: 'color-scheme:light dark',
  body: `margin:0;padding:16px;${FONT};font-size:16px;line-height:1.5`,
  // Names of one long word must not make a phone scroll sideways.
  column: 'max-width:600px;margin:0 auto;line-height:1.5;overflow-wrap:anywhere;word-break:break-word',
  sender: `margin:0 0 24px;padding:0 0 12px;border-bottom:3px solid #0e7580;${FONT};font-size:14px;font-weight:bold`,
  heading: `margin:0 0 8px;${FONT};font-size:22px;line-height:1.25;font-weight:bold`,
  paragraph: `margin:0 0 16px;${FONT}`,
  small: `margin:0 0 8px;${FONT};font-size:13px;opacity:.8`,
  facts: `width:100%;margin:0 0 20px;border-collapse:collapse;border-top:${LINE};${FONT};font-size:16px;line-height:1.4`,
  fact: `padding:8px 16px 8px 0;border-bottom:${LINE};font-size:14px;font-weight:normal;opacity:.8;white-space:nowrap;vertical-align:baseline`,
  value: `width:100%;padding:8px 0;border-bottom:${LINE};vertical-align:baseline`,
  list: `margin:0 0 20px;padding:0 0 0 20px;${FONT}`,
  // Short, since there may be many: mail programs cut off what is too long.
  entry: 'margin:0 0 8px',
  listTitle: `margin:0 0 4px;${FONT}`,
} as const;

/** A mail's blocks as a page: nothing in it is loaded from elsewhere. `language` is a BCP 47 tag. */
export function letterHtml(blocks: readonly Block[], title: string, language: string): string {
  return [
    '<!doctype html>',
    `<html lang="${language}" style="${STYLES.html}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(title)}</title></head>`,
    `<body style="${STYLES.body}"><div style="${STYLES.column}">`,
    ...blocks.flatMap(blockLines),
    '</div></body></html>',
    '',
  ].join('\n');
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return [`<h1 style="${STYLES.heading}">${inHtml(block.sentence)}</h1>`];
    case 'sender':
    case 'paragraph':
    case 'small':
      return [`<p style="${STYLES[block.kind]}">${inHtml(block.sentence)}</p>`];
    case 'facts':
      return [
        `<table cellpadding="0" cellspacing="0" style="${STYLES.facts}">`,
        ...block.facts.map(
          ([name, value]) =>
            `<tr><th align="left" scope="row" style="${STYLES.fact}">${escapeHtml(name)}</th><td style="${STYLES.value}">${inHtml(value)}</td></tr>`,
        ),
        '</table>',
      ];
    case 'list':
      return [
        `<p style="${STYLES.listTitle}">${escapeHtml(block.title)}</p>`,
        `<ul style="${STYLES.list}">`,
        ...block.items.map((item) => `<li>${escapeHtml(item)}</li>`),
        '</ul>',
      ];
    case 'entries':
      return [
        `<p style="${STYLES.listTitle}">${inHtml(block.title)}</p>`,
        `<ul style="${STYLES.list}">`,
        ...block.entries.flatMap(({ name, details }) => [
          `<li style="${STYLES.entry}"><b>${inHtml(name)}</b>`,
          `<small>${details.map((detail) => `<br>${inHtml(detail)}`).join('\n')}</small></li>`,
        ]),
        '</ul>',
      ];
  }
}

function inHtml(sentence: Sentence): string {
  return sentence
    .map((part) => {
      if (typeof part === 'string') return escapeHtml(part);
      const name = `<bdi>${escapeHtml(part.name)}</bdi>`;
      return part.href === undefined ? name : `<a href="${escapeHtml(part.href)}">${name}</a>`;
    })
    .join('');
}

const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => HTML_ESCAPES[character] ?? character);
}
