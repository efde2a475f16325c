/** Ids of published posts with the time that the network itself gives for them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idInstant, xInstant } from '../../src/normalise/ids.ts';

/** Seconds since 1970 from yt-dlp's tests; the first X one and Instagram's last from the markup of real pages. */
const KNOWN: readonly (readonly [platform: string, id: string, seconds: number])[] = [
  ['x', '219317563564367872', 1_341_124_356],
  ['x', '643211948184596480', 1_442_188_653],
  ['x', '665052190608723968', 1_447_395_772],
  ['x', '705235433198714880', 1_456_976_204],
  ['x', '700207533655363584', 1_455_777_459],
  ['x', '719944021058060289', 1_460_483_005],
  ['x', '910031516746514432', 1_505_803_395],
  ['x', '1001551623938805763', 1_527_623_489],
  ['x', '1087791357756956680', 1_548_184_644],
  ['x', '1349794411333394432', 1_610_651_040],
  ['x', '1577855540407197696', 1_665_025_050],
  ['x', '1577719286659006464', 1_664_992_565],
  ['x', '1575560063510810624', 1_664_477_766],
  ['mastodon', 'mastodon.social/103189026958574542', 1_574_539_596],
  ['truthsocial', '108779000807761862', 1_659_835_827],
  ['instagram', 'aye83DjauH', 1_371_748_545],
  ['instagram', 'BA-pQFBG8HZ', 1_453_760_977],
  ['instagram', 'BkfuX9UB-eK', 1_530_032_919],
  ['instagram', 'ByxilPNJK3M', 1_560_695_455],
  ['tiktok', '6748451240264420610', 1_571_246_252],
  ['tiktok', '6961737553342991651', 1_620_905_839],
  ['tiktok', '6982497745948921092', 1_625_739_481],
  ['tiktok', '6953975910773099811', 1_619_098_692],
  ['tiktok', '6950251282489675042', 1_618_231_483],
  ['tiktok', '6963263655114722595', 1_621_261_163],
  ['bluesky', 'did:plc:pzdr5ylumf7vmvwasrpr5bf2/3l4omssdl632g', 1_726_940_605],
  ['bluesky', 'bsky.app/3l3vgf77uco2g', 1_726_074_716],
  ['bluesky', 'souris.moe/3l4qhp7bcs52c', 1_727_003_838],
  ['bluesky', 'de1.pds.tentacle.expert/3l3w4tnezek2e', 1_726_098_823],
  ['bluesky', 'cinny.bun.how/3l7rdfxhyds2f', 1_730_332_128],
  ['bluesky', 'mary.my.id/3l6zrz6zyl2dr', 1_729_523_172],
  ['bluesky', 'purpleicetea.bsky.social/3l7gv55dc2o2w', 1_729_973_202],
  ['bluesky', 'thafnine.net/3l77u64l7le2e', 1_729_731_642],
];

/** No second source of the time is known: these hold the layout still. */
const COMPUTED: readonly (readonly [platform: string, id: string, instant: string])[] = [
  ['x', '1431500000000000000', '2021-08-28T06:12:50.640Z'],
  ['threads', 'DDzbnVKx57R', '2024-12-20T14:31:27.086Z'],
  ['linkedin', '7085600487823032320', '2023-07-14T12:46:40.388Z'],
  ['tumblr', '701068043616501760', '2022-11-16T09:23:07.250Z'],
];

describe('the time inside an id', () => {
  it.each(KNOWN)("of %s %s is the network's own within its bound", (...[platform, id, seconds]) => {
    const found = idInstant(platform, id);
    expect(found).not.toBeNull();
    const apart = Math.abs(Date.parse(found?.instant ?? '') - seconds * 1000);
    expect(apart).toBeLessThanOrEqual(found?.errorMs ?? 0);
  });

  it.each(COMPUTED)('of %s %s is %s', (...[platform, id, instant]) => {
    expect(idInstant(platform, id)?.instant).toBe(instant);
  });

  it("agrees between a post's two LinkedIn ids", () => {
    const share = Date.parse(idInstant('linkedin', '7085600486321512448')?.instant ?? '');
    const activity = Date.parse(idInstant('linkedin', '7085600487823032320')?.instant ?? '');
    expect(activity - share).toBe(358);
  });

  it.each([
    ['x', '3579860805', 'counted one by one, August 2009'],
    ['x', '29700859247', 'the last counted one, November 2010'],
    ['x', '20', 'the first'],
    ['x', '9999999999999', 'below any snowflake'],
    ['x', '18446744073709551615', 'beyond 63 bits'],
    ['x', '99999999999999999999', 'beyond 64 bits'],
    ['x', '0431500000000000000', 'no number is written so'],
    ['x', '1431500000000000000n', 'not a number'],
    ['x', '', 'nothing'],
    ['mastodon', 'mastodon.social/99999', 'counted, before October 2017'],
    ['mastodon', 'misskey.example/9abcdefghi', "another software's"],
    ['tumblr', '134533644467', 'counted'],
    ['instagram', 'abc', 'too short'],
    ['instagram', 'no spaces!', 'not the alphabet'],
    ['threads', 'BkfuX9UB-eK', 'older than the network'],
    ['bluesky', 'example.com/self', 'not a TID'],
    ['bluesky', 'example.com/zzzzzzzzzzzzz', 'beyond 63 bits'],
    ['tiktok', '1', 'nothing'],
    ['reddit', '6rrwyj', 'a counter'],
    ['youtube', 'dQw4w9WgXcQ', 'random'],
    ['facebook', '1234567890123456', 'opaque'],
    ['telegram', 'channel/13285', 'a counter'],
  ])('%s %s carries none: %s', (...[platform, id]) => {
    expect(idInstant(platform, id)).toBeNull();
  });

  it('of a private Instagram shortcode is that of its first part', () => {
    const token = 'A'.repeat(28);
    expect(idInstant('instagram', `ByxilPNJK3M${token}`)).toEqual(
      idInstant('instagram', 'ByxilPNJK3M'),
    );
  });

  it('is exact for every millisecond since the first snowflake', () => {
    const from = Date.parse('2010-11-05T00:00:00Z');
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.integer({ min: 0, max: 2 ** 22 - 1 }),
        (after, low) => {
          const id = (BigInt(from + after - 1_288_834_974_657) << 22n) + BigInt(low);
          expect(xInstant(String(id))?.instant).toBe(new Date(from + after).toISOString());
        },
      ),
    );
  });

  it('is valid or absent for any platform and any id', () => {
    const platforms = [
      'x',
      'mastodon',
      'truthsocial',
      'instagram',
      'threads',
      'tiktok',
      'bluesky',
      'linkedin',
      'tumblr',
      'other',
    ];
    const ids = fc.oneof(
      fc.string({ maxLength: 50 }),
      fc.bigInt({ min: 0n, max: 2n ** 70n }).map(String),
    );
    fc.assert(
      fc.property(fc.constantFrom(...platforms), ids, (platform, id) => {
        const found = idInstant(platform, id);
        if (found !== null) expect(new Date(found.instant).toISOString()).toBe(found.instant);
      }),
    );
  });
});
