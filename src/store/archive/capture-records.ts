/** A capture as WARC records: request and response of every hop, the last one a revisit where its bytes are kept already. */
import type { Capture, Exchange } from '../../capture.ts';
import { contentEncodings } from '../../content-encoding.ts';
import { recordId, sha256Hex, type WarcRecord } from './warc-record.ts';

/** An earlier response whose body is the same. */
export interface Original {
  readonly targetUri: string;
  readonly date: string;
  readonly recordId: string;
  readonly location: string;
  readonly offset: number;
  readonly length: number;
  readonly rawSha256: string;
}

export interface CaptureRecords {
  readonly records: readonly WarcRecord[];
  /** Of the last response or revisit. */
  readonly mainIndex: number;
}

const PROFILE = 'http://netpreserve.org/warc/1.1/revisit/';

export function captureRecords(capture: Capture, original: Original | null): CaptureRecords {
  const records = capture.hops.flatMap((hop, index) => {
    const isLast = index === capture.hops.length - 1;
    const response = isLast ? lastResponse(hop, capture, original) : responseOf(hop, cutOf(hop));
    return [requestOf(hop, response.id), response];
  });
  return { records, mainIndex: records.length - 1 };
}

export function warcinfo({ fileName, software, now }: WarcinfoOptions): WarcRecord {
  const text = `software: ${software}\r\nformat: WARC File Format 1.1\r\nconformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n`;
  return {
    type: 'warcinfo',
    id: recordId(),
    date: now.toISOString(),
    contentType: 'application/warc-fields',
    fields: [['WARC-Filename', fileName]],
    head: Buffer.from(text),
    payload: new Uint8Array(),
  };
}

interface WarcinfoOptions {
  readonly fileName: string;
  readonly software: string;
  readonly now: Date;
}

function requestOf(hop: Exchange, responseId: string): WarcRecord {
  const { pathname, search } = new URL(hop.url);
  return {
    type: 'request',
    id: recordId(),
    date: hop.startedAt,
    contentType: 'application/http; msgtype=request',
    fields: [
      ['WARC-Target-URI', hop.url],
      ['WARC-Concurrent-To', responseId],
    ],
    head: httpHead(`${hop.method} ${pathname}${search} HTTP/1.1`, hop.requestHeaders),
    payload: new Uint8Array(),
  };
}

function lastResponse(hop: Exchange, capture: Capture, original: Original | null): WarcRecord {
  const facts = [
    ['Embedkeep-Capture-URI', capture.url],
    ['Embedkeep-Reason', capture.reason],
    ['Embedkeep-Robots-Rule', capture.robotsRule],
    ['Embedkeep-Decoded-Digest', capture.body && `sha256:${sha256Hex(capture.body)}`],
    ['Embedkeep-Failure', capture.failure?.code ?? null],
  ] as const;
  if (!original) return responseOf(hop, capture.truncated, facts);
  const unchanged = capture.body === null;
  return {
    ...responseOf(hop, null, facts),
    type: 'revisit',
    fields: [
      ...commonFields(hop),
      [
        'WARC-Profile',
        `${PROFILE}${unchanged ? 'server-not-modified' : 'identical-payload-digest'}`,
      ],
      ['WARC-Refers-To', original.recordId],
      ['WARC-Refers-To-Target-URI', original.targetUri],
      ['WARC-Refers-To-Date', original.date],
      ['WARC-Refers-To-Filename', original.location],
      ['WARC-Refers-To-File-Offset', String(original.offset)],
      ['Embedkeep-Refers-To-Length', String(original.length)],
      ['WARC-Payload-Digest', `sha256:${original.rawSha256}`],
      ...facts,
    ],
    payload: new Uint8Array(),
    isPacked: false,
  };
}

function responseOf(
  hop: Exchange,
  truncated: string | null,
  facts: WarcRecord['fields'] = [],
): WarcRecord {
  return {
    type: 'response',
    id: recordId(),
    date: hop.startedAt,
    contentType: 'application/http; msgtype=response',
    fields: [
      ...commonFields(hop),
      ['WARC-Payload-Digest', `sha256:${sha256Hex(hop.rawBody)}`],
      ['WARC-Truncated', truncated],
      ...facts,
    ],
    head: httpHead(`HTTP/1.1 ${hop.status} ${hop.statusText}`, unchunked(hop.responseHeaders)),
    payload: hop.rawBody,
    isPacked: contentEncodings(hop.responseHeaders).length > 0,
  };
}

function commonFields(hop: Exchange): WarcRecord['fields'] {
  const { connected, headers, done } = hop.timings;
  return [
    ['WARC-Target-URI', hop.url],
    ['WARC-IP-Address', hop.remoteAddress],
    ['WARC-Protocol', 'http/1.1'],
    ['WARC-Protocol', hop.tls?.toLowerCase().replace('tlsv', 'tls/') ?? null],
    ['Embedkeep-Timings', `connected=${connected ?? '-'} headers=${headers} done=${done}`],
  ];
}

/** A redirect whose body was not waited for. */
function cutOf({ responseHeaders, rawBody }: Exchange): 'unspecified' | null {
  if (rawBody.length > 0) return null;
  const promised = responseHeaders.some(
    ([name, value]) =>
      (name.toLowerCase() === 'content-length' && Number(value) > 0) || isChunked(name, value),
  );
  return promised ? 'unspecified' : null;
}

const isChunked = (name: string, value: string): boolean =>
  name.toLowerCase() === 'transfer-encoding' && value.toLowerCase().includes('chunked');

/**
 * The body is kept without its chunk framing. A reader that finds `Transfer-Encoding: chunked` would look for framing,
 * so that one name is kept under the prefix that other archives use for it.
 */
const unchunked = (headers: Exchange['responseHeaders']): Exchange['responseHeaders'] =>
  headers.map(([name, value]) =>
    isChunked(name, value) ? [`X-Orig-${name}`, value] : [name, value],
  );

/** Header bytes were read as latin1 and go back as such. */
const httpHead = (first: string, headers: Exchange['responseHeaders']): Buffer =>
  Buffer.from(
    `${first}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    'latin1',
  );
