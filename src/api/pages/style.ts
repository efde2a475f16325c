/** The one style sheet of the archive pages: system fonts, light and dark, no image, no font to load. */
import { createHash } from 'node:crypto';

export const style = `
:root {
  color-scheme: light dark;
  --paper: #faf8f4; --card: #ffffff; --ink: #1c1b19; --soft: #615c53; --line: #e2ddd2;
  --accent: #8a3b12; --accent-ink: #ffffff; --good: #2b6a3c; --bad: #a3201d; --wait: #80590b; --code: #f1ede4;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, Charter, Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161513; --card: #1f1d1a; --ink: #ece7dd; --soft: #a8a193; --line: #37332c;
    --accent: #f0a36c; --accent-ink: #201307; --good: #7fc796; --bad: #f29089; --wait: #e3bb66; --code: #2a2722;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--sans); overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: .15em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
h1, h2 { font-family: var(--serif); font-weight: 600; line-height: 1.2; text-wrap: balance; }
h1 { font-size: 1.75rem; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; }
p { margin: .5rem 0; }
code, .mono { font-family: var(--mono); font-size: .86em; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .4rem .8rem; z-index: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }

.top { border-bottom: 1px solid var(--line); }
.top > div { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; }
.top > div, main, footer { max-width: 47rem; margin: 0 auto; padding: 1rem 1.1rem; }
.mark { font: 600 1.3rem/1 var(--serif); color: var(--ink); text-decoration: none; letter-spacing: -.01em; margin-right: auto; }
.mark span { color: var(--accent); }
header nav { display: flex; flex-wrap: wrap; gap: 0 1.1rem; }
header nav a { padding: .3rem 0; color: var(--soft); text-decoration: none; }
header nav a:hover { color: var(--ink); text-decoration: underline; }
header nav a[aria-current] { color: var(--ink); box-shadow: 0 2px 0 var(--accent); }
main { padding-top: 2rem; padding-bottom: 3rem; }
body > footer::before { content: ""; display: block; border-top: 1px solid var(--line); margin-bottom: 1rem; }
footer { color: var(--soft); font-size: .875rem; }

form.search { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1.1rem 0 1.75rem; }
form.search input { flex: 1 1 14rem; min-width: 0; }
input, select, button {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  padding: .5rem .7rem; min-height: 2.75rem;
}
select { max-width: 100%; }
button { background: var(--accent); color: var(--accent-ink); border-color: var(--accent); cursor: pointer; padding-inline: 1.1rem; }
/* What cannot be taken back does not look like the thing to do. */
button.quiet { background: none; color: inherit; border-color: var(--line); }

.card {
  background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1.1rem 1.25rem; margin: 0 0 1rem;
}
.card header { display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline; }
.card .name { font-weight: 650; }
.card .handle { color: var(--soft); }
.card .platform { margin-inline-start: auto; }
.text { font: 1.12rem/1.5 var(--serif); margin: .6rem 0; white-space: pre-line; }
.text.none { font-style: italic; color: var(--soft); font-size: 1rem; }
/* A list is for looking over; the post's own page has every word. */
.card:not(.big) .text { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 10; line-clamp: 10; overflow: hidden; }
.big .text { font-size: 1.35rem; }
.pics { list-style: none; padding: 0; margin: .5rem 0; }
.card footer { border-top: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; padding: .6rem 0 0; margin: .75rem 0 0; max-width: none; }
.tag { display: inline-block; font-size: .8rem; border: 1px solid var(--line); border-radius: 99px; padding: 0 .6rem; color: var(--soft); white-space: nowrap; }
.tag.done { color: var(--good); border-color: currentColor; }
.tag.failed { color: var(--bad); border-color: currentColor; }
.tag.waiting, .tag.running, .tag.conflict { color: var(--wait); border-color: currentColor; }
.note { border-inline-start: 3px solid var(--wait); padding: .1rem 0 .1rem .9rem; margin: 1rem 0; }
.note.bad { border-color: var(--bad); }

del { color: var(--soft); text-decoration-thickness: 1px; }
ins { text-decoration: none; }

dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .35rem 1.25rem; margin: .75rem 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
pre, .digest { background: var(--code); border-radius: 6px; font: .82rem/1.5 var(--mono); }
pre { padding: .8rem 1rem; overflow-x: auto; white-space: pre-wrap; }
.digest { padding: .1rem .35rem; }
details { margin: .9rem 0; }
summary { cursor: pointer; color: var(--accent); padding: .25rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: start; vertical-align: top; padding: .45rem .9rem .45rem 0; border-bottom: 1px solid var(--line); min-width: 5.5rem; }
th { color: var(--soft); font-weight: 500; }
ol.rows, ul.rows { list-style: none; padding: 0; margin: 0; }
.rows > li { border-bottom: 1px solid var(--line); padding: .8rem 0; }
.rows > li:first-child { border-top: 1px solid var(--line); }
li.group { display: flex; flex-wrap: wrap; gap: .75rem 1.5rem; align-items: center; }
li.group > div { flex: 1 1 20rem; min-width: 0; }
li.group > .buttons { flex: 0 0 auto; display: flex; gap: .5rem; }
.pages { display: flex; justify-content: space-between; gap: 1rem; margin-top: 1.75rem; }
.pages a { padding: .4rem 0; }
.empty { text-align: center; padding: 3rem 1rem; border: 1px dashed var(--line); border-radius: 8px; }
.empty pre { text-align: start; max-width: 36rem; margin: 1rem auto; }

@media (max-width: 34rem) {
  body { font-size: .97rem; }
  header nav { width: 100%; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .6rem; }
  .card { padding: .9rem 1rem; }
  .card .platform { margin-inline-start: 0; }
  form.search select, form.search button { flex: 1 1 40%; }
}
@media print { .top nav, form, .pages { display: none; } .card { break-inside: avoid; } }
`;

const version = createHash('sha256').update(style).digest('hex').slice(0, 12);
/** Changes with the content, so it may be kept for ever. */
export const STYLE_PATH = `/assets/style.${version}.css`;

export const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#8a3b12"/><path d="M9 8h14v17l-7-4.6L9 25z" fill="#faf8f4"/></svg>`;
