/** Variants, times and zones, ambiguity, and what is no date. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DateHints, readDate } from '../../src/normalise/date.ts';

const day = (text: string, hints?: DateHints) => readDate(text, hints)?.date ?? null;

describe('the day of older and richer forms', () => {
  it.each([
    ['8:44 AM ∙ Mar 15, 2023', '2023-03-15', 'Substack'],
    ['1:02 PM ∙ Jun 29, 2021', '2021-06-29', 'Substack'],
    ['10:03 PM - 5 May 2014', '2014-05-05', 'the permalink page of X'],
    ['11:25 PM - 10 Jul 2020', '2020-07-10', 'the permalink page of X'],
    ['05:38 PM - 07 Jun 2019', '2019-06-07', 'BuzzFeed 2019'],
    ['Sat Aug 28 06:11:53 UTC+0000 2021', '2021-08-28', 'BuzzFeed 2016'],
    ['Fri Sep 30 15:13:45 UTC+0000 2016', '2016-09-30', 'BuzzFeed 2016'],
    ['6:12 AM · Aug 28, 2021', '2021-08-28', 'react-tweet'],
    ['Jun 16, 2019 at 7:30am PDT', '2019-06-16', 'Instagram'],
    ['Mar 27, 2018 um 12:08 PDT', '2018-03-27', 'Instagram in German'],
    ['Apr 21, 2019 um 4:47 PDT', '2019-04-21', 'Instagram in German'],
    ['Monday, February 7, 2022', '2022-02-07', 'Facebook'],
    ['Friday, August 27, 2021', '2021-08-27', 'Facebook'],
    ['Jeudi 26 mars 2020', '2020-03-26', 'Facebook in French'],
    ['September 21, 2024 at 7:43 PM', '2024-09-21', 'Bluesky'],
    ['Apr 25, 2024 at 20:18', '2024-04-25', 'Bluesky'],
    ['2024-09-21T17:43:25.000Z', '2024-09-21', 'Bluesky by oEmbed'],
    ['June 29th 2021', '2021-06-29', 'Substack e-mail'],
    ['September 19th 2020', '2020-09-19', 'Substack e-mail'],
    ['28-Aug-2021', '2021-08-28', 'content systems'],
    ['28. August 2021', '2021-08-28', 'German'],
    ['1er août 2020', '2020-08-01', 'French'],
    ['16 мая 2018 г.', '2018-05-16', 'Russian'],
    ['28 สิงหาคม 2564', '2021-08-28', 'Thai, Buddhist year'],
    ['28 สิงหาคม พ.ศ. 2564', '2021-08-28', 'Thai, Buddhist era'],
    ['28 ส.ค. 2564', '2021-08-28', 'Thai, short'],
    ['๒๘ สิงหาคม ๒๕๖๔', '2021-08-28', 'Thai digits'],
    ['۶ شهریور ۱۴۰۰', '2021-08-28', 'Persian solar'],
    ['۱۴۰۰/۶/۶', '2021-08-28', 'Persian solar, numeric'],
    ['२८ अगस्त २०२१', '2021-08-28', 'Hindi digits'],
    ['mar. 3 sept. 2019', '2019-09-03', 'a weekday that is a month elsewhere'],
    ['lun, 24 de mar de 2014', '2014-03-24', 'two words that are months and weekdays'],
    ['28 AOUT 2021', '2021-08-28', 'capitals without accents'],
    ['1 MAYIS 2018', '2018-05-01', 'Turkish capitals'],
    ['２０２１年８月２８日', '2021-08-28', 'full-width digits'],
    ['\u200f28 באוגוסט\u00a02021\u200e', '2021-08-28', 'marks and no-break spaces'],
    ['28 août 2021 à 17 h 05', '2021-08-28', 'French Canadian'],
    ['28. august 2021 kl. 17.05', '2021-08-28', 'Danish'],
    ['2021. augusztus 28., szombat', '2021-08-28', 'Hungarian'],
    ['2021年8月28日 午後7時30分', '2021-08-28', 'Japanese'],
    ['2034/10/2月曜日 午前6:12:00', '2034-10-02', 'a weekday that begins like a month'],
    ['28. August 2021, 14:05 Uhr', '2021-08-28', 'German'],
    ['Sa., 28. Aug. 2021 um 14:05 Uhr', '2021-08-28', 'German'],
    ['28 августа 2021 года', '2021-08-28', 'Russian'],
    ['28 серпня 2021 року о 14:05', '2021-08-28', 'Ukrainian'],
    ['28 sierpnia 2021 r.', '2021-08-28', 'Polish'],
    ['28. elok. 2021', '2021-08-28', 'Finnish, older'],
    ['ika-28 ng Agosto, 2021', '2021-08-28', 'Filipino'],
    ['28 Tháng Tám 2021', '2021-08-28', 'Vietnamese, in words'],
    ['Ngày 28 tháng 8 năm 2021', '2021-08-28', 'Vietnamese'],
    ['Αύγ 28, 2021 στις 2:05πμ PDT', '2021-08-28', 'Instagram in Greek'],
    ['28 أغسطس 2021 الساعة 2:05 م PDT', '2021-08-28', 'Instagram in Arabic'],
    ['28 Ağu, 2021, 2:05öö PDT', '2021-08-28', 'Instagram in Turkish'],
    ['28 జనవరి, 2030 5:41:00 AM UTCకి', '2030-01-28', 'Telugu, long'],
    ['Thứ 4, 22 thg 7, 2026', '2026-07-22', 'Vietnamese weekday number'],
    ['2021년 8월 28일 오후 5:05', '2021-08-28', 'Korean'],
    ['Sat, 28 Aug 2021 06:11:53 -0700', '2021-08-28', 'RFC 5322'],
    ['Sat Aug 28 2021 06:11:53 GMT+0000 (Coordinated Universal Time)', '2021-08-28', 'JavaScript'],
    ['2020-02-29', '2020-02-29', 'ISO'],
    ['28/08/2021', '2021-08-28', 'only one reading has such a month'],
    ['8/28/21', '2021-08-28', 'only one reading has such a month'],
    ['01.01.2020', '2020-01-01', 'both readings are the same day'],
    ['2021/8/3', '2021-08-03', 'the year first'],
  ])('%s is %s (%s)', (text, expected) => {
    expect(day(text)).toBe(expected);
  });
});

describe('a year of two digits', () => {
  it.each([
    ["28 Aug '21", '2021-08-28'],
    ['28 Aug ’21', '2021-08-28'],
    ["Aug 28, '21", '2021-08-28'],
    ["'21 Aug 28", '2021-08-28'],
    ["28. Aug. '21", '2021-08-28'],
    ['28 agosto 21', '2021-08-28'],
    ['28 de enero de 26', '2026-01-28'],
    ['7 янв. 32 г.', '2032-01-07'],
    ['10-May-10', '2010-05-10'],
    ['21년 8월 28일', '2021-08-28'],
    ['28 thg 8, 21', '2021-08-28'],
    ['28 ส.ค. 64', '2021-08-28'],
  ])('in %s is read: %s', (text, expected) => {
    expect(day(text)).toBe(expected);
  });

  it('may be the day where a language with this month name puts the year first', () => {
    expect(readDate('28-Aug-21')?.readings).toEqual(['2021-08-28', '2028-08-21']);
    expect(day('28-Aug-21', { langs: ['en'] })).toBe('2021-08-28');
    expect(day('28-Aug-21', { langs: ['hu'] })).toBe('2028-08-21');
    expect(day('28-Aug-21', { near: '2021-08-28T10:00:00Z' })).toBe('2021-08-28');
    expect(day('28-Aug-21', { until: '2026-11-22T10:00:00Z' })).toBe('2021-08-28');
  });

  it('of Thai numbers counts from the Buddha where all languages are Thai', () => {
    expect(day('24/1/56', { langs: ['th'] })).toBe('2013-01-24');
    expect(day('24/1/56')).toBeNull();
  });
});

describe('a reading after the capture', () => {
  it('is none where another is not', () => {
    expect(day('03/04/2020', { until: '2020-03-10T00:00:00Z' })).toBe('2020-03-04');
    expect(day('03/04/2020', { until: '2020-03-02T00:00:00Z' })).toBeNull();
    expect(day('03/04/2020', { until: '2020-05-02T00:00:00Z' })).toBeNull();
    expect(day('28.08.21', { until: '2026-11-22T10:00:00Z' })).toBe('2021-08-28');
  });
});

describe('a day of another calendar', () => {
  it.each([
    ['令和3年8月28日', '2021-08-28'],
    ['令和元年5月1日', '2019-05-01'],
    ['平成31年4月30日', '2019-04-30'],
    ['平成３０年１月１日（月）', '2018-01-01'],
    ['㋿3年8月28日', '2021-08-28'],
    ['2021年（令和3年）8月28日', '2021-08-28'],
    ['令和3（2021）年8月28日', '2021-08-28'],
    ['R3.8.28', '2021-08-28'],
    ['H28/1/4', '2016-01-04'],
    ['民國110年8月28日', '2021-08-28'],
    ['中華民國110年8月28日', '2021-08-28'],
    ['110年8月28日', '2021-08-28'],
    ['السبت، 20 محرم 1443 هـ', '2021-08-28'],
    ['شنبه ۶ شهریور ۱۴۰۰', '2021-08-28'],
    ['28 สิงหาคม พ.ศ. 2564', '2021-08-28'],
  ])('%s is %s', (text, expected) => {
    expect(day(text)).toBe(expected);
  });

  it('of the Islamic one may be four, and is none without its weekday', () => {
    const read = readDate('20 محرم 1443 هـ');
    expect(read).toMatchObject({ date: null, instant: null });
    expect(read?.readings).toEqual(['2021-08-27', '2021-08-28', '2021-08-29', '2021-08-30']);
  });
});

describe('the instant', () => {
  it.each([
    ['2024-09-21T17:43:25.017Z', '2024-09-21T17:43:25Z', 's'],
    ['2024-09-21T23:43:25-05:00', '2024-09-22T04:43:25Z', 's'],
    ['2020-02-20 13:52:51 UTC', '2020-02-20T13:52:51Z', 's'],
    ['2019-06-20T10:59:05+0200', '2019-06-20T08:59:05Z', 's'],
    ['2019-06-20T10:59+02', '2019-06-20T08:59:00Z', 'min'],
    ['Sat Aug 28 06:11:53 UTC+0000 2021', '2021-08-28T06:11:53Z', 's'],
    ['Sat Aug 28 06:11:53 +0000 2021', '2021-08-28T06:11:53Z', 's'],
    ['Sat, 28 Aug 2021 06:11:53 -0700', '2021-08-28T13:11:53Z', 's'],
    ['Jun 16, 2019 at 7:30am PDT', '2019-06-16T14:30:00Z', 'min'],
    ['Jun 16, 2019 at 12:30am PDT', '2019-06-16T07:30:00Z', 'min'],
    ['Dec 31, 2019 at 11:55pm PST', '2020-01-01T07:55:00Z', 'min'],
    ['Apr 21, 2019 um 16:47 PDT', '2019-04-21T23:47:00Z', 'min'],
  ])('of %s is %s', (text, instant, precision) => {
    expect(readDate(text)).toMatchObject({ instant, precision });
  });

  it.each([
    ['Mar 27, 2018 um 12:08 PDT', 'Instagram prints a 12-hour clock without its half'],
    ['Apr 21, 2019 um 4:47 PDT', 'Instagram prints a 12-hour clock without its half'],
    ['8:44 AM ∙ Mar 15, 2023', 'no zone'],
    ['2013-12-30T21:42:01', 'no zone'],
    ['Mar 27, 2018 12:08 CST', 'Chicago or Shanghai'],
    ['August 28, 2021', 'no time'],
  ])('of %s is unknown: %s', (text) => {
    const read = readDate(text);
    expect(read?.date).not.toBeNull();
    expect(read?.instant).toBeNull();
  });
});

describe('an ambiguous text', () => {
  it('is no day and both readings', () => {
    expect(readDate('03/04/2020')).toEqual({
      date: null,
      instant: null,
      precision: 'day',
      readings: ['2020-03-04', '2020-04-03'],
    });
    expect(readDate('03.04.2020')?.readings).toEqual(['2020-03-04', '2020-04-03']);
  });

  it('is settled by a moment near one reading only', () => {
    expect(day('03/04/2020', { near: '2020-04-03T22:10:00Z' })).toBe('2020-04-03');
    expect(day('03/04/2020', { near: '2020-03-04T01:10:00Z' })).toBe('2020-03-04');
    expect(day('03/04/2020', { near: '2020-06-01T00:00:00Z' })).toBeNull();
  });

  it('is settled by languages that all write numbers in one order; English does not', () => {
    expect(day('03.04.2020', { langs: ['de'] })).toBe('2020-04-03');
    expect(day('03/04/2020', { langs: ['en-GB'] })).toBe('2020-04-03');
    expect(day('03/04/2020', { langs: ['en-US'] })).toBe('2020-03-04');
    expect(day('03/04/2020', { langs: ['en'] })).toBeNull();
    expect(day('03/04/2020', { langs: ['fr', 'en'] })).toBeNull();
    expect(day('03/04/2020', { langs: ['fr', 'en_US'] })).toBeNull();
  });

  it('may be a month name that means two months', () => {
    expect(readDate('1 listopada 2019')?.readings).toEqual(['2019-10-01', '2019-11-01']);
    expect(day('1 listopada 2019', { langs: ['pl'] })).toBe('2019-11-01');
    expect(day('1 listopada 2019', { langs: ['hr'] })).toBe('2019-10-01');
    expect(day('1 listopada 2019', { near: '2019-10-01T12:00:00Z' })).toBe('2019-10-01');
  });

  it('is settled by its weekday', () => {
    expect(day('Fri 03/04/2020')).toBe('2020-04-03');
    expect(day('Wed 03/04/2020')).toBe('2020-03-04');
  });

  it('is settled by its weekday even against the language', () => {
    expect(day('Wed 03/04/2020', { langs: ['de'] })).toBe('2020-03-04');
    expect(day('Fri 03/04/2020', { langs: ['en-US'] })).toBe('2020-04-03');
  });

  it('is one whose weekday contradicts its day', () => {
    expect(readDate('Tuesday, February 7, 2022')).toMatchObject({
      date: null,
      readings: ['2022-02-07'],
    });
  });
});

describe('a date without a year', () => {
  it('is the last such day before what it stands near', () => {
    expect(day('Thursday Jan 27', { near: '2011-01-28T10:00:00Z' })).toBe('2011-01-27');
    expect(day('Dec 31', { near: '2020-01-01T08:00:00Z' })).toBe('2019-12-31');
    expect(day('8月28日', { near: '2021-09-01' })).toBe('2021-08-28');
  });

  it('may be a day ahead, for zones', () => {
    expect(day('Jan 28', { near: '2011-01-27T23:00:00Z' })).toBe('2011-01-28');
  });

  it('must fit its weekday', () => {
    // 27 January was a Thursday in 2011 and before that in 2005
    expect(day('Thursday Jan 27', { near: '2010-06-01T00:00:00Z' })).toBe('2005-01-27');
  });

  it('is unknown by itself', () => {
    expect(readDate('Thursday Jan 27')).toBeNull();
    expect(readDate('Jan 27', { near: 'yesterday' })).toBeNull();
  });
});

describe('what is no date', () => {
  it.each([
    [''],
    ['2 hours ago'],
    ['vor 3 Tagen'],
    ['May'],
    ['2021'],
    ['May 2021'],
    ['May 32, 2020'],
    ['February 30, 2020'],
    ['29 February 2021'],
    ['2021-02-29'],
    ['2021-13-01'],
    ['2021-08-28T25:00:00Z'],
    ['31. listopadu 2014'],
    ['August 28, 2021 and more'],
    ['August 28, 2021 August 29, 2021'],
    ['Posted on August 28, 2021 by me'],
    ['28 محرم 1323'],
    ['2h'],
    ['2 Std.'],
    ['3 days ago'],
    ['il y a 3 jours'],
    ['3日前'],
    ['hace 2 h'],
    ['Yesterday at 2:05 PM'],
    ['28 Aug 12h'],
    ['Aug 28 at 17'],
    ['28 août 17 h'],
    ['22年1月2日'],
    ['平成64年1月7日'],
    ['99/99/9999'],
    ['1/2/3/2020'],
    ['10:03'],
    ['version 3.4.2020 beta'],
    ['۳۰ اسفند ۱۴۰۰'],
    ['7/10/51'],
    ['constructor 28, 2021'],
    ['__proto__ 28, 2021'],
    ['9'.repeat(119)],
    [`${' '.repeat(5000)}August 28, 2021`],
  ])('%j', (text) => {
    expect(readDate(text)).toBeNull();
  });

  it('never throws and never yields an invalid day, whatever the text', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        '28',
        'August',
        '2021',
        ' ',
        ',',
        'mar',
        '年',
        '月',
        'UTC',
        '-0700',
        '٢٥',
        'a.m.',
        ':',
        '12',
        'تشرين',
        'th',
        '.',
      ),
      fc.integer({ min: -9999, max: 99_999 }).map(String),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const read = readDate(pieces.join(''), {
          langs: [pieces[0] ?? ''],
          near: '2021-08-28T00:00:00Z',
        });
        if (read === null) return;
        for (const iso of [...read.readings, ...(read.date === null ? [] : [read.date])]) {
          expect(new Date(`${iso}T00:00:00Z`).toISOString().slice(0, 10)).toBe(iso);
        }
        if (read.instant !== null) expect(Number.isNaN(Date.parse(read.instant))).toBe(false);
        expect(read.date === null).toBe(read.readings.length > 0);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('the machine', () => {
  it.each([
    ['Pacific/Kiritimati', 'ar_EG.UTF-8'],
    ['America/Adak', 'th_TH.UTF-8'],
    ['Asia/Tehran', 'tr_TR.UTF-8'],
  ])('in %s with %s reads the same', (zone, locale) => {
    const texts = [
      '28 Ağustos 2021',
      'KASIM 3, 2020',
      'August 28, 2021',
      '03/04/2020',
      'Jun 16, 2019 at 7:30am PDT',
      '2013-12-30T21:42:01',
    ];
    const program = `import { readDate } from ${JSON.stringify(new URL('../../src/normalise/date.ts', import.meta.url).href)};
      console.log(JSON.stringify(${JSON.stringify(texts)}.map((text) => readDate(text))));`;
    const env = { ...process.env, TZ: zone, LANG: locale, LC_ALL: locale };
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      env,
      encoding: 'utf8',
    });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual(texts.map((text) => readDate(text)));
  });
});
