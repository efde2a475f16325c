import { describe, expect, it } from 'vitest';
import { cleanName } from '../../src/normalise/name.ts';

describe('a display name', () => {
  it.each([
    ['  Example\n  Name\u00a0 ', 'Example Name'],
    ['例え\u3000太郎', '例え 太郎'],
    ['\u200fדוגמה\u200e', 'דוגמה'],
    ['صِپورة Example', 'صِپورة Example'],
    ['透析テツ(脱被曝)', '透析テツ(脱被曝)'],
    ['Example (she/her)', 'Example (she/her)'],
    ['Ex (@old_name) Ample', 'Ex (@old_name) Ample'],
    ['Example — News', 'Example — News'],
    ['Example 360° 🇺🇦✊🏽', 'Example 360° 🇺🇦✊🏽'],
    ['Pirate 🏴‍☠️', 'Pirate 🏴‍☠️'],
    ['Pride 🏳️‍🌈', 'Pride 🏳️‍🌈'],
    ['👩‍🚀', '👩‍🚀'],
    ['Inner \u200dJoiner', 'Inner \u200dJoiner'],
    ['@ex@social.example', '@ex@social.example'],
    ['-', '-'],
    ['ㄹ', 'ㄹ'],
  ])('%j is %j', (raw, name) => {
    expect(cleanName(raw)).toBe(name);
  });

  it.each([
    [''],
    ['   '],
    ['\u200f\u200e'],
    ['\ufeff'],
    ['\u0000'],
    ['x'.repeat(301)],
    ['x'.repeat(100_000)],
    [null],
    [undefined],
  ])('is none: %j', (raw) => {
    expect(cleanName(raw)).toBeNull();
  });
});
