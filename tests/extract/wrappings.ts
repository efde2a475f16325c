/** Markup kept away from the parser, in the ways in which pages do it. */
import { escapeHtml } from './samples.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const jsString = (text: string): string =>
  JSON.stringify(text).replaceAll('<', '\\u003C').replaceAll('/', '\\u002F');

/** Markup in markup, one of the ways in which pages keep it away from the parser. */
export const aroundMarkup: Readonly<Record<string, (markup: string) => string>> = {
  'nothing at all': (m) => m,
  'a figure of a CMS': (m) =>
    `<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\n${m}\n</div></figure>`,
  noscript: (m) => `<noscript>${m}</noscript>`,
  template: (m) => `<template data-ident="embed">${m}</template>`,
  'a textarea': (m) => `<form><textarea hidden>${escapeHtml(m)}</textarea></form>`,
  'a template script': (m) =>
    `<script type="text/template">${m.replaceAll('</script', '<\\/script')}</script>`,
  'a base64 script': (m) => `<script type="text/template">${base64(m)}</script>`,
  'an escaped attribute': (m) => `<div data-embed-content="${escapeHtml(m)}"></div>`,
  'a twice escaped attribute': (m) =>
    `<div data-embed-content="${escapeHtml(escapeHtml(m))}"></div>`,
  'a single-quoted attribute': (m) =>
    `<div data-content='${m.replaceAll('&', '&amp;').replaceAll("'", '&#39;')}'></div>`,
  'a percent-encoded attribute': (m) =>
    `<div data-content="${encodeURIComponent(m).replaceAll("'", '%27')}"></div>`,
  'a base64 attribute': (m) => `<div data-html="${base64(m)}"></div>`,
  'JSON in an attribute': (m) =>
    `<div data-props="${escapeHtml(JSON.stringify({ element: { type: 'embed', html: m } }))}"></div>`,
  'an iframe srcdoc': (m) => `<iframe srcdoc="${escapeHtml(m)}" title="embed"></iframe>`,
  'a consent script': (m) =>
    `<script data-role="consent-content" data-content="${escapeHtml(m)}"></script>`,
  'hydration JSON': (m) =>
    `<script id="__NEXT_DATA__" type="application/json">${JSON.stringify({ props: { blocks: [{ type: 'embed', html: m }] } }).replaceAll('</', '<\\/')}</script>`,
  'an assignment': (m) =>
    `<script>window.State=window.State||{};State.content={"content_elements":[{"type":"raw_html","content":${jsString(m)}}]};</script>`,
  'a function call': (m) =>
    `<script>window.__NUXT__=(function(a){return {data:[{component:"post",html:${jsString(m)}}]}}("x"));</script>`,
  'JSON in a JSON string': (m) =>
    `<script type="application/json">${JSON.stringify({ state: JSON.stringify({ html: m }) }).replaceAll('</', '<\\/')}</script>`,
};
