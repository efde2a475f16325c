import { expect, it } from 'vitest';

it('runs on the Node version that the caller expects', () => {
  const expected = process.env['EXPECT_NODE'];
  if (expected) expect(process.version).toBe(expected);
  expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24);
});
