/** Copies of a post on one page: one embed, each field from its best copy; what contradicts itself says so. */
import { describe, expect, it } from 'vitest';
import { extract } from '../../src/extract/index.ts';
import { groupCopies } from '../../src/extract/merge.ts';
import type { Post } from '../../src/extract/network.ts';
import type { Claim } from '../../src/extract/run.ts';
import { networks } from '../../src/networks/index.ts';

const [x, bluesky] = ['x', 'bluesky'].map((name) => networks.find((one) => one.name === name));

let at = 0;
function claim(post: Partial<Post>, more: Partial<Claim> = {}): Claim {
  at += 10;
  const evidence = { start: at, end: at + 5, wrappers: [] };
  if (!x) throw new Error('X is a network');
  const whole = { ref: null, ...post };
  return {
    network: x,
    post: whole,
    role: 'embed',
    form: 'json',
    evidence,
    spanOf: () => evidence,
    ...more,
  };
}
const ref = (postId: string, handle: string | null = null) => ({ postId, url: null, handle });
const answer = (commentId: string) => ({ ...ref('1e9iyof'), commentId });
const said = (value: string) => ({ value, rule: 'p' });
const LONG = 'The ferry hit the pier again this morning, the third time this month.';

describe('copies are grouped', () => {
  it.each<[string, number, Claim[]]>([
    ['of one id', 1, [claim({ ref: ref('12345') }), claim({ ref: ref('12345') })]],
    ['not of two ids', 2, [claim({ ref: ref('12345') }), claim({ ref: ref('12346') })]],
    ['of one comment', 1, [claim({ ref: answer('leevgp2') }), claim({ ref: answer('leevgp2') })]],
    [
      'not of a thread and its comments',
      3,
      [ref('1e9iyof'), answer('leevgp2'), answer('leewq7k')].map((each) => claim({ ref: each })),
    ],
    [
      'not of one id on two networks',
      2,
      [
        claim({ ref: ref('12345') }),
        ...(bluesky ? [claim({ ref: ref('12345') }, { network: bluesky })] : []),
      ],
    ],
    [
      'without an id by author, date and text',
      1,
      [0, 1].map(() => claim({ handle: said('Mara'), date: said('May 1'), text: said(LONG) })),
    ],
    [
      'without an id with one that says the same',
      1,
      [
        claim({ ref: ref('12345'), handle: said('mara'), text: said(`${LONG} And more.`) }),
        claim({ handle: said('MARA'), text: said(LONG) }),
      ],
    ],
    [
      'not with one of another author',
      2,
      [
        claim({ ref: ref('12345'), handle: said('otto'), text: said(LONG) }),
        claim({ handle: said('mara'), text: said(LONG) }),
      ],
    ],
    [
      'not with one of another author in its address',
      2,
      [
        claim({ ref: ref('12345', 'otto'), text: said(LONG) }),
        claim({ handle: said('mara'), text: said(LONG) }),
      ],
    ],
    [
      'not by a text that many say',
      2,
      [
        claim({ ref: ref('12345'), text: said('Thank you all!') }),
        claim({ text: said('Thank you all!') }),
      ],
    ],
    [
      'not with an id whose text is unknown',
      2,
      [claim({ ref: ref('12345') }), claim({ handle: said('mara'), text: said(LONG) })],
    ],
  ])('%s', (_, groups, claims) => {
    expect(groupCopies(claims)).toHaveLength(groups);
  });

  it('in the order in which they first stand on the page', () => {
    const [late, early] = [claim({ ref: ref('2222') }), claim({ ref: ref('1111') })];
    const moved = { ...early, evidence: { start: 0, end: 3, wrappers: [] } } as Claim;
    const ids = groupCopies([late as Claim, moved]).map(([first]) => first?.post.ref?.postId);
    expect(ids).toEqual(['1111', '2222']);
  });
});

const ID = '1431562348571234304';
const page = (body: string) =>
  extract(Buffer.from(`<html><body><article><h1>The bridge</h1>${body}</article></body></html>`))
    .embeds;
const quote = (text: string, handle = 'mara', date = 'August 28, 2021') =>
  `<blockquote class="twitter-tweet"><p lang="en">${text}</p>&mdash; Mara (@${handle}) <a href="https://twitter.com/${handle}/status/${ID}">${date}</a></blockquote>`;

describe('fields come from the best copy', () => {
  it('the blockquote gives text and name, the frame nothing that it lacks', () => {
    const frame = `<iframe data-tweet-id="${ID}"></iframe>`;
    const [embed, ...more] = page(frame + quote(LONG));
    expect(more).toEqual([]);
    expect(embed).toMatchObject({ form: 'blockquote', text: LONG, confidence: 0.99 });
    expect(embed?.author).toEqual({ name: 'Mara', handle: 'mara' });
  });

  it('a link in a sentence and the embed are one embed', () => {
    const link = `<p>As <a href="https://x.com/mara/status/${ID}">she says</a>, it happened.</p>`;
    expect(page(link + quote(LONG))).toMatchObject([{ role: 'embed', text: LONG }]);
    expect(page(link)).toMatchObject([{ role: 'citation' }]);
  });

  it('a shortened copy is no contradiction', () => {
    const [embed] = page(quote(LONG) + quote(`${LONG.slice(0, 40)}…`));
    expect(embed?.sources['conflict']).toBeUndefined();
  });

  it.each([
    ['another author', quote(LONG) + quote(LONG, 'otto'), /different authors/],
    [
      'another text',
      quote(LONG) + quote('Nothing of the kind was ever said here.'),
      /different texts/,
    ],
  ])('%s lowers the confidence and is said', (_, body, reason) => {
    const [embed, ...more] = page(body);
    expect(more).toEqual([]);
    expect(embed?.confidence).toBeLessThan(0.7);
    expect(embed?.sources['conflict']?.reason).toMatch(reason);
  });

  it('a day that the id cannot have lowers the confidence', () => {
    const [embed] = page(quote(LONG, 'mara', 'August 21, 2021'));
    expect(embed?.confidence).toBeLessThan(0.7);
    expect(embed?.postedAt.conflict).not.toBeNull();
  });
});
