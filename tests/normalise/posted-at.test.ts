import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { postedAtSchema } from '../../src/embed.ts';
import { type IdTime, xInstant } from '../../src/normalise/ids.ts';
import { type PostedAtInput, postedAt } from '../../src/normalise/posted-at.ts';

/** 2021-08-28T06:12:50.640Z. */
const ID = xInstant('1431500000000000000') as IdTime;

const idAt = (instant: string): IdTime => ({ instant, precision: 'ms', errorMs: 1000 });

describe('when a post was made', () => {
  it('takes the day from the text and the instant from the id', () => {
    expect(postedAt({ text: 'August 28, 2021', idTime: ID })).toEqual({
      text: 'August 28, 2021',
      date: '2021-08-28',
      instant: '2021-08-28T06:12:50.640Z',
      precision: 'ms',
      source: 'id',
      readings: [],
      conflict: null,
    });
  });

  it('has no day where the page shows none', () => {
    expect(postedAt({ idTime: ID })).toMatchObject({
      text: null,
      date: null,
      instant: '2021-08-28T06:12:50.640Z',
      source: 'id',
      conflict: null,
    });
  });

  it('is the text’s day where nothing else is known', () => {
    expect(postedAt({ text: 'Monday, February 7, 2022' })).toEqual({
      text: 'Monday, February 7, 2022',
      date: '2022-02-07',
      instant: null,
      precision: 'day',
      source: 'text',
      readings: [],
      conflict: null,
    });
  });

  it('is the attribute’s day in UTC, whatever day the text has where it was embedded', () => {
    const input = { text: 'Jun 16, 2019 at 11:30pm PDT', attribute: '2019-06-17T06:30:55+00:00' };
    expect(postedAt(input)).toMatchObject({
      date: '2019-06-17',
      instant: '2019-06-17T06:30:55Z',
      precision: 's',
      source: 'attribute',
      conflict: null,
    });
    expect(postedAt({ attribute: '2019-06-16T23:30:55-07:00' })).toMatchObject({
      date: '2019-06-17',
    });
  });

  it('has the instant of a text with time and zone', () => {
    expect(postedAt({ text: 'Sat Aug 28 06:11:53 UTC+0000 2021' })).toMatchObject({
      date: '2021-08-28',
      instant: '2021-08-28T06:11:53Z',
      precision: 's',
      source: 'text',
    });
  });

  it.each([
    ['9:41 PM - Nov 3, 2016 · Washington, DC', '2016-11-03'],
    ['3:44 PM - 14 Dec 2016 from Manhattan, NY', '2016-12-14'],
    ['August 28, 2021 | 35 Likes', '2021-08-28'],
    ['Aug 28, 2021 Aug 29, 2021', null],
    ['Wir waren 2021 am 28. August dort', null],
  ])('reads the date that begins %s', (text, date) => {
    expect(postedAt({ text }).date).toBe(date);
  });

  it.each([
    ['1630131170', '2021-08-28T06:12:50Z'],
    ['1630131170640', '2021-08-28T06:12:50Z'],
  ])('reads an attribute of seconds or milliseconds: %s', (attribute, instant) => {
    expect(postedAt({ attribute })).toMatchObject({
      date: '2021-08-28',
      instant,
      source: 'attribute',
    });
  });

  it('is unknown where nothing says it', () => {
    const nothing = {
      date: null,
      instant: null,
      precision: null,
      source: null,
      readings: [],
      conflict: null,
    };
    expect(postedAt({})).toEqual({ text: null, ...nothing });
    expect(postedAt({ text: ' 2 hours ago ' })).toEqual({ text: '2 hours ago', ...nothing });
    expect(postedAt({ text: '', attribute: 'soon' })).toEqual({ text: null, ...nothing });
  });
});

describe('an ambiguous text', () => {
  it('leaves the day open, with its readings', () => {
    expect(postedAt({ text: '03/04/2020' })).toMatchObject({
      date: null,
      source: null,
      precision: null,
      readings: ['2020-03-04', '2020-04-03'],
      conflict: null,
    });
  });

  it('is decided by the id', () => {
    const input = { text: '03/04/2020', idTime: idAt('2020-04-03T20:00:00.000Z') };
    expect(postedAt(input)).toMatchObject({ date: '2020-04-03', readings: [], conflict: null });
  });

  it('is decided by the id even against the language', () => {
    const input = {
      text: '1 listopada 2019',
      langs: ['pl'],
      idTime: idAt('2019-10-01T12:00:00.000Z'),
    };
    expect(postedAt(input)).toMatchObject({ date: '2019-10-01', conflict: null });
  });

  it('is not decided by the article', () => {
    const input = { text: '03/04/2020', articlePublishedAt: '2020-04-03T12:00:00Z' };
    expect(postedAt(input)).toMatchObject({ date: null, readings: ['2020-03-04', '2020-04-03'] });
  });

  it('conflicts with an id that fits no reading', () => {
    const found = postedAt({ text: '03/04/2020', idTime: idAt('2020-07-01T20:00:00.000Z') });
    expect(found.date).toBeNull();
    expect(found.conflict?.reason).toContain('2020-03-04 or 2020-04-03');
  });
});

describe('a text without a year', () => {
  it('gets it from the id', () => {
    const input = { text: 'Thursday Jan 27', idTime: idAt('2011-01-27T15:00:00.000Z') };
    expect(postedAt(input)).toMatchObject({ date: '2011-01-27', conflict: null });
  });

  it('has no day otherwise: an article can quote a post of any year', () => {
    expect(postedAt({ text: 'Thursday Jan 27' })).toMatchObject({ date: null, readings: [] });
    const near = { articlePublishedAt: '2011-01-28', capturedAt: '2011-01-29T00:00:00Z' };
    expect(postedAt({ text: 'Thursday Jan 27', ...near })).toMatchObject({
      text: 'Thursday Jan 27',
      date: null,
      source: null,
    });
  });
});

describe('a relative time', () => {
  it.each([
    '2h',
    '2 h',
    '3 days ago',
    'vor 3 Tagen',
    'Yesterday at 2:05 PM',
    '3日前',
    'il y a 2 heures',
  ])('is shown as the page shows it, and is no day: %s', (text) => {
    const near = { capturedAt: '2026-01-01T00:00:00Z', articlePublishedAt: '2026-01-01' };
    expect(postedAt({ text, ...near })).toMatchObject({ text, date: null, instant: null });
    expect(postedAt({ text, idTime: ID, ...near })).toMatchObject({
      ...{ text, date: null, source: 'id', instant: ID.instant, conflict: null },
    });
  });
});

describe('a year of two digits', () => {
  it('is settled by the id, or by the capture', () => {
    expect(postedAt({ text: '28-Aug-21', idTime: ID }).date).toBe('2021-08-28');
    expect(postedAt({ text: '28-Aug-21', capturedAt: '2026-01-01T00:00:00Z' }).date).toBe(
      '2021-08-28',
    );
    expect(postedAt({ text: '28-Aug-21' })).toMatchObject({
      date: null,
      readings: ['2021-08-28', '2028-08-21'],
    });
  });
});

describe('a conflict', () => {
  const conflict = (input: PostedAtInput) => postedAt(input).conflict;

  it.each([
    ['2021-08-28T11:59:59.000Z', 'August 27, 2021', 'UTC-12 is still on the day before'],
    ['2021-08-28T10:00:00.000Z', 'August 29, 2021', 'UTC+14 is already on the next day'],
    ['2021-08-28T00:00:00.000Z', 'August 28, 2021', 'the same day in UTC'],
  ])('is not what a zone explains: %s and %s, %s', (instant, text) => {
    expect(conflict({ text, idTime: idAt(instant) })).toBeNull();
  });

  it.each([
    ['2021-08-28T12:00:02.000Z', 'August 27, 2021'],
    ['2021-08-28T09:59:58.000Z', 'August 29, 2021'],
    ['2021-08-28T06:00:00.000Z', 'August 28, 2020'],
    ['2021-08-28T06:00:00.000Z', 'September 28, 2021'],
  ])('is what no zone explains: %s and %s', (instant, text) => {
    const found = postedAt({ text, idTime: idAt(instant) });
    expect(found.conflict?.reason).toContain('not the day of the id');
    // nothing is smoothed over: both stand
    expect(found.date).not.toBeNull();
    expect(found.instant).toBe(instant);
  });

  it('is a day that the id’s own error can’t bring together, not one that it can', () => {
    const early: IdTime = {
      instant: '2021-08-28T12:03:00.000Z',
      precision: 'ms',
      errorMs: 300_000,
    };
    expect(conflict({ text: 'August 27, 2021', idTime: early })).toBeNull();
    expect(
      conflict({ text: 'August 27, 2021', idTime: { ...early, errorMs: 60_000 } }),
    ).not.toBeNull();
  });

  it('is an attribute that is days from the id', () => {
    expect(conflict({ attribute: '2021-08-20T06:00:00Z', idTime: ID })?.reason).toContain('8 days');
    expect(conflict({ attribute: '2021-08-28T16:00:00Z', idTime: ID })).toBeNull();
  });

  it('is a printed day far from the attribute’s', () => {
    expect(
      conflict({ text: 'August 20, 2021', attribute: '2021-08-28T06:00:00Z' })?.reason,
    ).toContain('2021-08-20');
    expect(conflict({ text: 'August 27, 2021', attribute: '2021-08-28T06:00:00Z' })).toBeNull();
  });

  it('is a post later than the capture', () => {
    expect(conflict({ idTime: ID, capturedAt: '2021-08-28T06:00:00Z' })?.reason).toContain(
      'fetched',
    );
    expect(conflict({ idTime: ID, capturedAt: '2021-08-28T06:10:00Z' })).toBeNull();
    expect(
      conflict({ text: 'August 30, 2021', capturedAt: '2021-08-28T06:10:00Z' }),
    ).not.toBeNull();
    expect(conflict({ text: 'August 29, 2021', capturedAt: '2021-08-28T10:10:00Z' })).toBeNull();
  });

  it('is a post later than the article says of itself', () => {
    const published = '2021-08-27T10:00:00+02:00';
    expect(conflict({ idTime: ID, articlePublishedAt: published })?.reason).toContain('article');
    expect(conflict({ idTime: ID, articlePublishedAt: '2021-08-28T09:00:00+02:00' })).toBeNull();
  });

  it('is not an article changed after the post', () => {
    const input = {
      idTime: ID,
      articlePublishedAt: '2021-08-20T10:00:00Z',
      articleModifiedAt: '2021-08-29',
    };
    expect(conflict(input)).toBeNull();
    expect(conflict({ ...input, articleModifiedAt: '2021-08-19' })).not.toBeNull();
  });

  it('is not an article that says only its day', () => {
    expect(conflict({ idTime: ID, articlePublishedAt: '2021-08-27' })).toBeNull();
    expect(conflict({ idTime: ID, articlePublishedAt: '2021-08-26' })).not.toBeNull();
    expect(conflict({ idTime: ID, articlePublishedAt: 'never' })).toBeNull();
  });

  it('names each reason', () => {
    const reason = conflict({
      text: 'August 20, 2021',
      idTime: ID,
      capturedAt: '2021-08-01T00:00:00Z',
    })?.reason;
    expect(reason?.split('; ').length).toBe(2);
  });

  it('is never seen between an id and the day that any zone gives it', () => {
    const times = fc.integer({
      min: Date.parse('2011-01-01T00:00:00Z'),
      max: Date.parse('2035-01-01T00:00:00Z'),
    });
    const offsets = fc.integer({ min: -12 * 60, max: 14 * 60 });
    fc.assert(
      fc.property(times, offsets, (time, minutes) => {
        const day = new Date(time + minutes * 60_000).toISOString().slice(0, 10);
        expect(conflict({ text: day, idTime: idAt(new Date(time).toISOString()) })).toBeNull();
      }),
    );
  });
});

describe('whatever a page says', () => {
  it('the answer has the shape of the record', () => {
    const text = fc.option(
      fc.oneof(
        fc.string({ maxLength: 30 }),
        fc.constantFrom(
          'August 28, 2021',
          '03/04/2020',
          'Jan 27',
          '2021-08-28T06:00:00Z',
          '2021-08-28',
        ),
      ),
    );
    const input = fc.record({
      text,
      attribute: text,
      idTime: fc.constantFrom(null, ID),
      langs: fc.constantFrom([], ['de'], ['']),
      capturedAt: text,
      articlePublishedAt: text,
      articleModifiedAt: text,
    });
    fc.assert(
      fc.property(input, (given) => {
        const found = postedAtSchema.parse(postedAt(given));
        if (found.date !== null) expect(found.date).toMatch(/^\d{4}-\d\d-\d\d$/);
        if (found.date !== null) expect(found.readings).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
