/** What every archive page has around it. */
import type { FastifyReply } from 'fastify';
import { type Content, type Html, html } from '../html.ts';
import { STYLE_PATH } from './style.ts';

export interface Page {
  readonly title: string;
  /** Path of the navigation entry it belongs to. */
  readonly section?: string;
  readonly body: Content;
}

const SECTIONS = [
  ['/', 'Posts'],
  ['/articles', 'Articles'],
  ['/failures', 'Failures'],
  ['/webhooks', 'Webhooks'],
  ['/dashboard', 'Jobs'],
  ['/docs', 'API'],
] as const;

const layout = ({ title, section, body }: Page): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · embedkeep</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${STYLE_PATH}">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top"><div>
<a class="mark" href="/">embed<span>keep</span></a>
<nav aria-label="Main">${SECTIONS.map(
  ([path, name]) =>
    html`<a href="${path}"${path === section && html` aria-current="page"`}>${name}</a>`,
)}</nav>
</div></header>
<main id="main">
${body}
</main>
<footer>Kept by embedkeep as found in the articles named. Nothing here was loaded from a social network.</footer>
</body>
</html>
`;

export const sendPage = (reply: FastifyReply, page: Page): FastifyReply =>
  reply
    .type('text/html; charset=utf-8')
    .header('cache-control', 'private, no-cache')
    .serializer(String)
    .send(String(layout(page)));
