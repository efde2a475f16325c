import { describe, expect, it } from 'vitest';
import { style } from '../../src/api/pages/style.ts';

/** The colours of light, and of dark, as the sheet sets them. */
const schemes = [...style.matchAll(/:root \{([^}]*)\}/g)].map(
  ([, block = '']) =>
    new Map([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]])),
);

/** WCAG 2.2: relative luminance and contrast. */
function luminance(colour: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const onPaper = ['ink', 'soft', 'accent', 'good', 'bad', 'wait'];
const pairs = [
  ...onPaper.flatMap((ink) => [
    [ink, 'paper'],
    [ink, 'card'],
  ]),
  ['ink', 'code'],
  ['soft', 'code'],
  ['accent-ink', 'accent'],
] as [string, string][];

describe.each([
  ['light', 0],
  ['dark', 1],
])('the %s colours', (_, scheme) => {
  it.each(pairs)('%s on %s can be read (4.5:1)', (ink, ground) => {
    const colours = schemes[scheme];
    expect(contrast(colours?.get(ink) ?? '', colours?.get(ground) ?? '')).toBeGreaterThanOrEqual(
      4.5,
    );
  });
});

it('the sheet loads nothing from anywhere', () => {
  expect(style).not.toMatch(/url\(|@import|https?:|expression/);
});
