import { describe, expect, it } from 'vitest';
import { decideCharset } from '../../src/extract/charset.ts';

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const meta = '<meta charset="iso-8859-1">';

describe('the charset is decided as browsers do', () => {
  it.each([
    ['a BOM wins over the header', utf8('\ufeffx'), 'windows-1251', 'utf-8'],
    ['the header wins over the meta', utf8(`${meta}x`), 'windows-1251', 'windows-1251'],
    ['the meta wins over the bytes', utf8(`${meta}é`), null, 'windows-1252'],
    [
      'an unknown label in the header is passed over',
      utf8(`${meta}x`),
      'x-unknown',
      'windows-1252',
    ],
    [
      'an http-equiv meta counts',
      utf8('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">'),
      null,
      'shift_jis',
    ],
    ['a meta that says UTF-16 means UTF-8', utf8('<meta charset="utf-16">é'), null, 'utf-8'],
    [
      'a meta after 1,024 bytes still counts',
      utf8(`${' '.repeat(2000)}<meta charset="euc-kr">`),
      null,
      'euc-kr',
    ],
    [
      'an XML declaration counts',
      utf8('<?xml version="1.0" encoding="windows-1250"?><rss/>'),
      null,
      'windows-1250',
    ],
    ['undeclared UTF-8 is not mangled', utf8('<p>é 日本</p>'), null, 'utf-8'],
    ['UTF-8 cut in a character is still UTF-8', utf8('<p>日本').subarray(0, 8), null, 'utf-8'],
    [
      'a bad byte does not make a long UTF-8 page another',
      Buffer.concat([utf8('é'.repeat(500)), Buffer.from([0xff])]),
      null,
      'utf-8',
    ],
    [
      'other bytes are windows-1252',
      Buffer.from([0x3c, 0x70, 0x3e, 0xe9, 0x20]),
      null,
      'windows-1252',
    ],
    ['UTF-16 without a BOM', Buffer.from('<p>hello world</p>', 'utf16le'), null, 'utf-16le'],
    ['nothing at all', Buffer.alloc(0), null, 'utf-8'],
  ])('%s', (...[, bytes, header, expected]) => {
    expect(decideCharset(bytes, header).name).toBe(expected);
  });
});
