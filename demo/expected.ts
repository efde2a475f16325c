/** What must be preserved of the demo's newspaper, and nothing else. */
export interface ExpectedPost {
  readonly platform: string;
  readonly postId: string | null;
  readonly handle: string | null;
  readonly author: string | null;
  readonly date: string | null;
  readonly pic: string | null;
  /** In reading order, white space folded. */
  readonly text?: string;
}
export interface ExpectedArticle {
  readonly state: 'done' | 'failed';
  readonly error?: string;
  readonly posts: readonly ExpectedPost[];
}

const KABUL: ExpectedPost = {
  platform: 'x',
  postId: '1431562348571234304',
  handle: 'AC360',
  author: 'Anderson Cooper 360°',
  date: '2021-08-28',
  pic: 'pic.twitter.com/XV7RggUEg4',
  text:
    "Two weeks prior to the attack in Kabul, CNN's @clarissaward interviewed a senior ISIS-K commander. " +
    'At that time the commander told Ward the group was laying low and waiting for a time to strike. ' +
    'As Ward notes, these were "words that turned out to be eerily prophetic." pic.twitter.com/XV7RggUEg4',
};

const tweet = (
  handle: string | null,
  author: string | null,
  [postId, date, pic]: readonly [string, string | null, string?],
): ExpectedPost => ({ platform: 'x', postId, handle, author, date, pic: pic ?? null });

export const expected: Readonly<Record<string, ExpectedArticle>> = {
  'kabul-interview': { state: 'done', posts: [KABUL] },
  'kabul-interview-amp': { state: 'done', posts: [KABUL] },
  // The text edition lost every link; that it is the same post must not be guessed.
  'kabul-interview-stripped': { state: 'done', posts: [{ ...KABUL, postId: null }] },
  talsperre: {
    state: 'done',
    posts: [
      tweet('wasseramt_bsp', 'Wasseramt Beispielstadt', [
        '1503785848796090514',
        '2022-03-15',
        'pic.twitter.com/Tq7mLw2XbN',
      ]),
    ],
  },
  'live-blog': {
    state: 'done',
    posts: [
      tweet('examplepolice', 'Example Police 🚓', ['1612383220265914514', '2023-01-09']),
      tweet('ex_rail', 'Ex Rail – service', ['1612391919252410514', '2023-01-09']),
    ],
  },
  museum: {
    state: 'done',
    posts: [
      tweet('ex_museum', 'Example Museum', [
        '1753750303011770514',
        '2024-02-03',
        'pic.twitter.com/Hk3PzR81vQ',
      ]),
    ],
  },
  runner: {
    state: 'done',
    posts: [
      {
        platform: 'instagram',
        postId: 'CxmKfL9sQ2a',
        handle: 'rita.runs.example',
        author: 'Rita Runner',
        date: null,
        pic: null,
      },
    ],
  },
  'bird-count': {
    state: 'done',
    posts: [
      {
        platform: 'bluesky',
        postId: 'did:plc:abcdefghijklmnopqrstuvwx/3l4omssdl632g',
        handle: 'lakebirds.example.social',
        author: 'Lake Birds',
        date: '2024-09-21',
        pic: null,
      },
      {
        platform: 'mastodon',
        postId: 'social.example/113175000000000000',
        handle: 'wetlands',
        author: null,
        date: null,
        pic: null,
      },
    ],
  },
  'street-food': {
    state: 'done',
    posts: [
      {
        platform: 'tiktok',
        postId: '7363000000000000001',
        handle: 'cook.example',
        author: null,
        date: null,
        pic: null,
      },
      {
        platform: 'youtube',
        postId: 'Ex4mpleV1d0',
        handle: null,
        author: null,
        date: null,
        pic: null,
      },
    ],
  },
  'town-hall': {
    state: 'done',
    posts: [
      {
        platform: 'facebook',
        postId: '1234567890123456',
        handle: 'example.townhall',
        author: 'Example Town Hall',
        date: '2022-02-07',
        pic: null,
      },
    ],
  },
  'night-train': { state: 'done', posts: [tweet(null, null, ['1602001554502586514', null])] },
  budget: { state: 'done', posts: [] },
  ferry: {
    state: 'done',
    posts: [tweet('ex_ferry', 'Example Ferry', ['1642036567864250514', '2023-04-01'])],
  },
  'an-old-story': { state: 'failed', error: 'GONE', posts: [] },
};
