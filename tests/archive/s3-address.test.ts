import { expect, test } from 'vitest';
import { parseS3Url } from '../../src/store/archive/s3-address.ts';

test.each([
  [
    's3://news',
    { bucket: 'news', prefix: '', region: undefined, endpoint: undefined, forcePathStyle: false },
  ],
  [
    's3://news/a/b/?region=eu-west-1',
    {
      bucket: 'news',
      prefix: 'a/b/',
      region: 'eu-west-1',
      endpoint: undefined,
      forcePathStyle: false,
    },
  ],
  [
    's3://My_Bucket/x?endpoint=http://127.0.0.1:9000',
    {
      bucket: 'My_Bucket',
      prefix: 'x/',
      region: undefined,
      endpoint: 'http://127.0.0.1:9000',
      forcePathStyle: true,
    },
  ],
  [
    's3://b?endpoint=https://s3.example&forcePathStyle=false',
    {
      bucket: 'b',
      prefix: '',
      region: undefined,
      endpoint: 'https://s3.example',
      forcePathStyle: false,
    },
  ],
])('%s is read', (url, address) => {
  expect(parseS3Url(url)).toEqual(address);
});

test.each([
  ['s3://key:secret@bucket/x', 'credentials do not belong'],
  ['s3:///prefix', 'bucket is missing'],
  ['s3://b?regoin=eu', 'regoin is none of'],
  ['s3://b?endpoint=ftp://x', 'no http or https'],
  ['s3://b?endpoint=http://u:p@x', 'holds credentials'],
  ['s3://b?forcePathStyle=yes', 'neither true nor false'],
  ['s3://b/%00', 'unusual characters'],
  ['file:///x', 'does not start with s3://'],
  ['s3', 'no URL'],
])('%s is refused in words', (url, words) => {
  expect(() => parseS3Url(url)).toThrow(words);
});

test('a refusal never repeats the credentials', () => {
  for (const url of ['s3://key:hunter2@b', 's3://b?endpoint=http://u:hunter2@x']) {
    let message = '';
    try {
      parseS3Url(url);
    } catch (thrown) {
      message = String(thrown);
    }
    expect(message).toContain('credentials');
    expect(message).not.toContain('hunter2');
  }
});
