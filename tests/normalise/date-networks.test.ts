/** Instagram's and Facebook's dates of real embed codes, Instagram's beside the exact time of the same markup. */
import { describe, expect, it } from 'vitest';
import { readDate } from '../../src/normalise/date.ts';
import { postedAt } from '../../src/normalise/posted-at.ts';

/** Text and `datetime` of one `time` element each, found in public repositories. */
const INSTAGRAM: readonly (readonly [lang: string, text: string, day: string, datetime: string])[] =
  [
    ['en', 'Nov 14, 2014 at 6:59am PST', '2014-11-14', '2014-11-14T14:59:11+00:00'],
    ['en', 'Jul 21, 2016 at 8:32pm PDT', '2016-07-21', '2016-07-22T03:32:07+00:00'],
    ['en', 'Jan 15, 2017 at 2:42am PST', '2017-01-15', '2017-01-15T10:42:20+00:00'],
    ['en', 'Nov 20, 2018 at 3:26pm PST', '2018-11-20', '2018-11-20T23:26:45+00:00'],
    ['en', 'Dec 5, 2015 at 1:40pm PST', '2015-12-05', '2015-12-05T21:40:53+00:00'],
    ['cs', 'Led 21, 2017 v 10:02 PST', '2017-01-21', '2017-01-21T18:02:35+00:00'],
    ['fr', '29 Mars 2017 à 11h25 PDT', '2017-03-29', '2017-03-29T18:25:09+00:00'],
    [
      'hu',
      'Ápr 29., 2020, időpont: 1:48 (PDT időzóna szerint)',
      '2020-04-29',
      '2020-04-29T08:48:52+00:00',
    ],
    [
      'hu',
      'Dec 8., 2018, időpont: 10:09 (PST időzóna szerint)',
      '2018-12-08',
      '2018-12-08T18:09:37+00:00',
    ],
    [
      'hu',
      'Okt 3., 2014, időpont: 11:00 (PDT időzóna szerint)',
      '2014-10-03',
      '2014-10-03T18:00:13+00:00',
    ],
    ['ko', '2020 6월 12 6:50오전 PDT', '2020-06-12', '2020-06-12T13:50:15+00:00'],
    ['ko', '2017 8월 30 오전 2:31 PDT', '2017-08-30', '2017-08-30T09:31:57+00:00'],
    ['pl', 'Wrz 28, 2017 o 1:37 PDT', '2017-09-28', '2017-09-28T20:37:06+00:00'],
    ['pl', '27 Sie, 2017 o 7:23 PDT', '2017-08-27', '2017-08-27T14:23:03+00:00'],
    ['pt', 'Mai 8, 2016 às 10:52 PDT', '2016-05-08', '2016-05-08T17:52:19+00:00'],
    ['th', 'ก.ค. 31, 2017 เวลา 8:33am PDT', '2017-07-31', '2017-07-31T15:33:58+00:00'],
    ['zh-tw', '2015 年  5月 月 15 1:08下午 PDT', '2015-05-15', '2015-05-15T20:08:51+00:00'],
  ];

const FACEBOOK: readonly (readonly [lang: string, text: string, day: string])[] = [
  ['en', 'Tuesday, January 12, 2016', '2016-01-12'],
  ['en', 'Friday, December 5, 2014', '2014-12-05'],
  ['es', 'Jueves, 27 de diciembre de 2018', '2018-12-27'],
  ['es', 'Lunes, 24 de febrero de 2020', '2020-02-24'],
  ['es', 'jueves, 22 de septiembre de 2016', '2016-09-22'],
  ['fr', 'jeudi 27 août 2015', '2015-08-27'],
  ['fr', 'Vendredi 29 novembre 2019', '2019-11-29'],
  ['pl', '16 marca 2018', '2018-03-16'],
  ['pt', 'Sexta, 5 de dezembro de 2014', '2014-12-05'],
];

describe('a date of Instagram', () => {
  it.each(INSTAGRAM)('%s: %s', (...[lang, text, day, datetime]) => {
    expect(readDate(text)?.date).toBe(day);
    const read = readDate(text, { langs: [lang] });
    expect(read?.date).toBe(day);
    // the text's own instant, where it has one, is the attribute's minute; Polish 1:37 is 13:37
    if (read?.instant) expect(read.instant.slice(0, 16)).toBe(datetime.slice(0, 16));
    expect(postedAt({ text, attribute: datetime })).toMatchObject({
      date: datetime.slice(0, 10),
      source: 'attribute',
      conflict: null,
    });
  });

  it('that its own template printed wrong is a conflict', () => {
    const found = postedAt({
      text: 'Nov 11, 2014 at 4:22pm PST',
      attribute: '2014-11-20T00:22:30+00:00',
    });
    expect(found.date).toBe('2014-11-20');
    expect(found.conflict?.reason).toContain('2014-11-11');
  });

  it('whose template was never filled in is none', () => {
    expect(readDate('%месец %-ден %година в %-часа:%минути%сутрин/вечер ST')).toBeNull();
  });
});

describe('a date of Facebook', () => {
  it.each(FACEBOOK)('%s: %s', (lang, text, day) => {
    expect(readDate(text)?.date).toBe(day);
    expect(readDate(text, { langs: [lang] })?.date).toBe(day);
  });
});
