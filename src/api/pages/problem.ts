/** A failure, shown to a person. */
import { html } from '../html.ts';
import type { ShowProblem } from '../problems.ts';
import { sendPage } from './layout.ts';

export const showProblemPage: ShowProblem = ({ status, title, detail, code }, reply) =>
  sendPage(reply.code(status), {
    title,
    body: html`<h1>${title}</h1>
<p><bdi>${detail}</bdi></p>
<p class="soft small mono">${status} ${code}</p>
<p><a href="/">Back to the archive</a></p>`,
  });
