/** Shapes that made parsers quadratic (docs of cheerio, htmlparser2, parse5 and own finds), as large as asked for. */
export const ID = '1431500000000000000';
export const POST = `<blockquote class="twitter-tweet"><a href="https://twitter.com/ada/status/${ID}">x</a></blockquote>`;
export const ADDRESS = `https://twitter.com/ada/status/${ID}`;
export const many = (count: number, each: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => each(i)).join('');

/** Of about `n` elements, values or characters; `n` a multiple of 20. */
export type Shapes = Readonly<Record<string, (n: number) => string>>;

/** The names are those of 100,000. */
export const withPost: Shapes = {
  '100,000 nested div': (n) => '<div>'.repeat(n) + POST,
  '100,000 nested div, closed': (n) => '<div>'.repeat(n) + POST.repeat(50) + '</div>'.repeat(n),
  '100,000 nested template': (n) => '<template>'.repeat(n) + POST,
  '100,000 nested aside': (n) => '<aside>'.repeat(n) + POST,
  '10,000 nested blockquotes': (n) => '<blockquote class="twitter-tweet">'.repeat(n / 10) + POST,
  '500,000 attributes on one tag': (n) => `<div ${many(5 * n, (i) => `a${i}="twitter" `)}>${POST}`,
  'an attribute of megabytes': (n) => `<div data-x="${'twitter.com/x '.repeat(n)}">${POST}`,
  'an escaped attribute of megabytes': (n) =>
    `<div data-x="${'&lt;'.repeat(5 * n)}twitter">${POST}`,
  'a flood of <': (n) => '<'.repeat(10 * n) + POST,
  'a flood of &': (n) => '&'.repeat(10 * n) + POST,
  'a flood of NUL': (n) => '\0'.repeat(10 * n) + POST,
  'a flood of spaces': (n) => `twitter${' '.repeat(10 * n)}${POST}`,
  'end tags of nothing': (n) => '</p></b></zzz>'.repeat(n) + POST,
  'end tags of nothing, far inside': (n) => `${'<i>'.repeat(n)}${'</b>'.repeat(n)}${POST}`,
  'text behind a deep element': (n) =>
    `${'<i>'.repeat(n)}${'</i>'.repeat(n)}${'twitter < '.repeat(n / 2)}${POST}`,
  'lists never closed': (n) => '<ul><li>'.repeat(n) + POST,
  '100,000 comments': (n) => '<!-- twitter -->'.repeat(n) + POST,
  '20,000 scripts': (n) => '<script>var twitter</script>'.repeat(n / 5) + POST,
  'objects nested in JSON': (n) =>
    `<script>${`{"type":"embed","url":"${ADDRESS}","x":`.repeat(n / 10)}</script>`,
  'keys nested in JSON': (n) => `<script>${'{"tweet":'.repeat(n)}"${ADDRESS}"</script>`,
  'regular expressions': (n) => `<script>"${ADDRESS}" ${'=/['.repeat(n)}</script>${POST}`,
  'quotes and backslashes': (n) => `<script>"${ADDRESS}" ${'"\\'.repeat(3 * n)}</script>${POST}`,
  'links in a blockquote': (n) =>
    `<blockquote>${`<a href="${ADDRESS}">x</a>`.repeat(n / 10)}</blockquote>`,
  'devalue of many objects': (n) =>
    `<script>[${'{"a":1,"type":2},'.repeat(n)}"${ADDRESS}","embed"]</script>${POST}`,
  'one key of an object, many times': (n) =>
    `<script>{${`"a":"${ADDRESS}",`.repeat(n / 5)}"b":1}</script>${POST}`,
  'text cut by stray <': (n) => `<p>${'twitter < '.repeat(n / 2)}</p>${POST}`,
  'titles and metas': (n) => '<title>x</title><meta name="author" content="x">'.repeat(n) + POST,
};

export const withoutPost: Shapes = {
  'comments never closed': (n) => `${'<!--'.repeat(n)}twitter`,
  'a script never closed': (n) => '<script>'.repeat(n) + POST,
  'almost end tags': (n) => `<script>${'</scrip'.repeat(n)}twitter`,
  'arrays nested in JSON': (n) => `<script>{"tweetId":${'['.repeat(3 * n)}"${ADDRESS}"`,
  'JSON-LD never closed': (n) => '<script type="application/ld+json">{'.repeat(n),
  'a handle of megabytes': (n) => `(@${'a'.repeat(10 * n)})`,
  'many at-signs': (n) => '(@a) '.repeat(n),
  'a feed cut by stray <': (n) => `<rss><description>${'twitter < &lt '.repeat(n / 2)}`,
  'dots after at': (n) => `@${'a.'.repeat(5 * n)}/1`,
  'base64 of markup, cut': (n) => `<div data-x="${'PGJsb2NrcXVvdGUg'.repeat(n)}">`,
};
