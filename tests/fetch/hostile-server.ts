/**
 * A server of raw sockets, each path one misbehaviour; a process of its own so that its bombs don't weigh on the test.
 * Prints `{ port, deadPort }` and ends with its parent.
 */
import { createServer, type Socket } from 'node:net';
import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';

const MB = 1024 * 1024;
const PAGE = '<!doctype html><title>fine</title><article><p>hello</p></article>';

type Behaviour = (socket: Socket, query: URLSearchParams, request: string) => void;

const send = (socket: Socket, bytes: string | Uint8Array): boolean =>
  socket.destroyed ? false : socket.write(bytes);

const head = (extra = '', status = '200 OK', type = 'text/html; charset=utf-8'): string =>
  `HTTP/1.1 ${status}\r\n${type === '' ? '' : `Content-Type: ${type}\r\n`}${extra}\r\n`;

function every(socket: Socket, ms: number, act: () => void): void {
  const timer = setInterval(act, ms);
  socket.on('close', () => clearInterval(timer));
}

/** As fast as the peer takes it, at most so much. */
function flood(socket: Socket, chunk: string | Uint8Array, most: number): void {
  let sent = 0;
  const go = (): void => {
    while (!socket.destroyed && sent < most) {
      sent += chunk.length;
      if (!send(socket, chunk)) {
        socket.once('drain', go);
        return;
      }
    }
  };
  go();
}

function answer(
  socket: Socket,
  body: string | Uint8Array,
  { extra = '', status = '200 OK' }: { extra?: string; status?: string | undefined } = {},
): void {
  const bytes = Buffer.from(body);
  send(socket, `${head(`${extra}Content-Length: ${bytes.length}\r\n`, status)}`);
  send(socket, bytes);
}

const typed = (socket: Socket, type: string, body: string | Uint8Array): void => {
  const bytes = Buffer.from(body);
  send(socket, head(`Content-Length: ${bytes.length}\r\n`, '200 OK', type));
  send(socket, bytes);
};

interface Redirect {
  readonly to: string;
  readonly status?: number;
  readonly extra?: string;
}
const NO_BODY = 'Content-Length: 0\r\n';
const redirect = (socket: Socket, { to, status = 302, extra = NO_BODY }: Redirect): void => {
  send(socket, `HTTP/1.1 ${status} Moved\r\nLocation: ${to}\r\n${extra}\r\n`);
};

const ENCODERS = {
  gzip: gzipSync,
  deflate: deflateSync,
  raw: deflateRawSync,
  zstd: zstdCompressSync,
  br: (bytes: Uint8Array) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
} as const;
type Encoding = keyof typeof ENCODERS;

const bombs = new Map<string, Uint8Array>();
function bomb(encoding: Encoding, megabytes: number): Uint8Array {
  const key = `${encoding}${megabytes}`;
  const made = bombs.get(key) ?? ENCODERS[encoding](Buffer.alloc(megabytes * MB, 'a'));
  bombs.set(key, made);
  return made;
}

const encoded = (socket: Socket, body: Uint8Array, header: string): void =>
  answer(socket, body, { extra: `Content-Encoding: ${header}\r\n` });

const CHUNK = `10000\r\n${'a'.repeat(0x1_00_00)}\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

const behaviours: Readonly<Record<string, Behaviour>> = {
  '/ok': (s) => answer(s, PAGE),
  '/echo': (s, _q, request) => answer(s, `<article><pre>${request}</pre></article>`),
  '/never': () => undefined,
  '/close': (s) => s.end(),
  '/reset-at-once': (s) => s.resetAndDestroy(),
  '/slow-headers': (s) => every(s, 100, () => send(s, 'X')),
  '/slow-header-lines': (s) => {
    send(s, 'HTTP/1.1 200 OK\r\n');
    every(s, 100, () => send(s, 'X-A: b\r\n'));
  },
  '/huge-headers': (s) => {
    send(s, 'HTTP/1.1 200 OK\r\n');
    flood(s, `X-Pad: ${'a'.repeat(8000)}\r\n`, 20 * MB);
  },
  '/endless-header': (s) => {
    send(s, 'HTTP/1.1 200 OK\r\nX-Pad: ');
    flood(s, 'a'.repeat(65_536), 20 * MB);
  },
  '/many-headers': (s, q) => {
    const lines = Array.from({ length: Number(q.get('n')) }, (_, i) => `X-${i}: 1\r\n`).join('');
    answer(s, PAGE, { extra: lines });
  },
  '/big-headers': (s) => answer(s, PAGE, { extra: `X-Pad: ${'a'.repeat(8000)}\r\n`.repeat(7) }),
  '/drip': (s) => {
    send(s, head(CHUNKED));
    every(s, 100, () => send(s, '1\r\na\r\n'));
  },
  '/drip-length': (s) => {
    send(s, head('Content-Length: 100000\r\n'));
    every(s, 100, () => send(s, 'a'));
  },
  '/stall': (s) => send(s, `${head('Content-Length: 1000\r\n')}part`),
  '/stall-chunked': (s) => send(s, `${head(CHUNKED)}4\r\npart\r\n`),
  '/truncate': (s) => {
    send(s, `${head('Content-Length: 1000\r\n')}part`);
    s.end();
  },
  '/truncate-chunked': (s) => {
    send(s, `${head(CHUNKED)}4\r\npart\r\n`);
    s.end();
  },
  '/reset': (s) => {
    send(s, `${head('Content-Length: 1000\r\n')}part`);
    setTimeout(() => s.resetAndDestroy(), 30);
  },
  '/reset-chunked': (s) => {
    send(s, `${head(CHUNKED)}4\r\npart\r\n`);
    setTimeout(() => s.resetAndDestroy(), 30);
  },
  '/no-length': (s) => {
    send(s, head('Connection: close\r\n') + PAGE);
    s.end();
  },
  '/http10': (s) => {
    send(s, `HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n${PAGE}`);
    s.end();
  },
  '/endless': (s) => {
    send(s, head(CHUNKED));
    flood(s, CHUNK, 100 * MB);
  },
  '/endless-close': (s) => {
    send(s, head('Connection: close\r\n'));
    flood(s, 'a'.repeat(65_536), 100 * MB);
  },
  '/length-huge': (s, q) => {
    send(s, head(`Content-Length: ${q.get('n')}\r\n`));
    flood(s, 'a'.repeat(65_536), 100 * MB);
  },
  '/length-short': (s) =>
    send(s, `${head('Content-Length: 5\r\n')}hello${head('Content-Length: 6\r\n')}POISON`),
  '/length-bad': (s, q) => send(s, `${head(`Content-Length: ${q.get('n')}\r\n`)}hello`),
  '/bomb': (s, q) => {
    const encoding = (q.get('enc') ?? 'gzip') as Encoding;
    const header = encoding === 'raw' ? 'deflate' : encoding;
    const extra = `Content-Encoding: ${header}\r\n`;
    answer(s, bomb(encoding, 100), { extra, status: q.get('status') ?? undefined });
  },
  '/bomb-twice': (s) => encoded(s, gzipSync(bomb('gzip', 100)), 'gzip, gzip'),
  '/encoded': (s, q) => {
    const encoding = (q.get('enc') ?? 'gzip') as Encoding;
    encoded(s, ENCODERS[encoding](Buffer.from(PAGE)), q.get('as') ?? encoding);
  },
  '/encoded-lie': (s, q) => encoded(s, Buffer.from('not encoded at all'), q.get('enc') ?? 'gzip'),
  '/encoded-cut': (s, q) => {
    const encoding = (q.get('enc') ?? 'gzip') as Encoding;
    const noise = Array.from({ length: 5000 }, (_, i) => `<p>${(i * 7919) % 10_007}</p>`).join('');
    const whole = ENCODERS[encoding](Buffer.from(PAGE + noise));
    encoded(s, whole.subarray(0, Math.floor(whole.length / 2)), encoding);
  },
  '/redirect': (s, q) =>
    redirect(s, { to: q.get('to') ?? '/ok', status: Number(q.get('status') ?? 302) }),
  '/redirect-deep': (s, q) => {
    const n = Number(q.get('n'));
    const to = encodeURIComponent(q.get('to') ?? '/ok');
    redirect(s, { to: n <= 1 ? (q.get('to') ?? '/ok') : `/redirect-deep?n=${n - 1}&to=${to}` });
  },
  '/redirect-loop': (s) => redirect(s, { to: '/redirect-loop-back' }),
  '/redirect-loop-back': (s) => redirect(s, { to: '/redirect-loop' }),
  '/redirect-self': (s) => redirect(s, { to: '/redirect-self' }),
  '/redirect-ever': (s) => redirect(s, { to: `/redirect-ever?x=${Math.random()}` }),
  '/redirect-endless-body': (s) => {
    redirect(s, { to: '/ok', extra: CHUNKED });
    flood(s, CHUNK, 100 * MB);
  },
  '/redirect-dripping-body': (s) => {
    redirect(s, { to: '/ok', extra: CHUNKED });
    every(s, 100, () => send(s, '1\r\na\r\n'));
  },
  '/redirect-nowhere': (s) => answer(s, '', { status: '302 Found' }),
  '/redirect-two': (s) =>
    redirect(s, { to: '/ok', extra: 'Location: http://10.0.0.1/\r\nContent-Length: 0\r\n' }),
  '/length-and-chunked': (s) =>
    send(s, `${head(`Content-Length: 5\r\n${CHUNKED}`)}0\r\n\r\nGARBAGE`),
  '/two-lengths': (s) => send(s, `${head('Content-Length: 5\r\nContent-Length: 6\r\n')}hello!`),
  '/obs-fold': (s) => send(s, `${head('X-A: a\r\n b\r\nContent-Length: 2\r\n')}ok`),
  '/lf-only': (s) => send(s, 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'),
  '/http09': (s) => s.end('<html>no status line</html>'),
  '/bad-chunk': (s) => send(s, `${head(CHUNKED)}zz\r\nhello\r\n0\r\n\r\n`),
  '/negative-chunk': (s) => send(s, `${head(CHUNKED)}-5\r\nhello\r\n0\r\n\r\n`),
  '/huge-chunk': (s) => send(s, `${head(CHUNKED)}ffffffffffffffffff\r\nhello`),
  '/chunk-extensions': (s) => {
    send(s, head(CHUNKED));
    flood(s, `1;${'a'.repeat(10_000)}\r\na\r\n`, 100 * MB);
  },
  '/trailers': (s) => {
    send(s, `${head(CHUNKED)}2\r\nok\r\n0\r\n`);
    flood(s, `X-T: ${'a'.repeat(8000)}\r\n`, 50 * MB);
  },
  '/nul-in-header': (s) => send(s, `${head('X-A: a\0b\r\nContent-Length: 2\r\n')}ok`),
  '/escape-in-header': (s) =>
    send(s, Buffer.from(`${head('X-A: \x1b[31mred\r\nContent-Length: 2\r\n')}ok`, 'latin1')),
  '/status': (s, q) =>
    answer(s, PAGE, { extra: q.get('header') ?? '', status: `${q.get('code')} Said` }),
  '/status-raw': (s, q) => send(s, `HTTP/1.1 ${q.get('code')} X\r\nContent-Length: 2\r\n\r\nok`),
  '/no-reason': (s) =>
    send(
      s,
      `HTTP/1.1 200\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`,
    ),
  '/continue-flood': (s) => flood(s, 'HTTP/1.1 100 Continue\r\n\r\n', 50 * MB),
  '/hints-flood': (s) => flood(s, 'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n', 50 * MB),
  '/switch': (s) =>
    send(s, 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  '/hints-then-page': (s) => {
    send(s, 'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n');
    answer(s, PAGE);
  },
  '/type': (s, q) => typed(s, q.get('type') ?? '', q.get('body') ?? PAGE),
  '/type-endless': (s, q) => {
    send(s, head(CHUNKED, '200 OK', q.get('type') ?? ''));
    flood(s, CHUNK, 100 * MB);
  },
  '/pdf-as-html': (s) => typed(s, 'text/html', '%PDF-1.7 binary'),
  '/gzipped-pdf': (s) => encoded(s, gzipSync('%PDF-1.7 binary'), 'gzip'),
  '/empty': (s) => answer(s, ''),
  '/page': (s, q) =>
    answer(s, q.get('html') ?? '', {
      extra: q.get('header') ?? '',
      status: q.get('status') ?? '200 OK',
    }),
};

const server = createServer((socket) => {
  let received = '';
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    received += data.toString('latin1');
    for (let end = received.indexOf('\r\n\r\n'); end !== -1; end = received.indexOf('\r\n\r\n')) {
      const request = received.slice(0, end);
      received = received.slice(end + 4);
      const target = new URL(request.split(' ')[1] ?? '/', 'http://x');
      const behave = behaviours[target.pathname];
      if (behave) behave(socket, target.searchParams, request);
      else answer(socket, '<p>no</p>', { status: '404 Not Found' });
    }
  });
});

/** Accepts nothing: its backlog fills up and further connections hang. */
const dead = createServer();
dead.listen({ port: 0, host: '127.0.0.1' }, () => {
  const { port: deadPort } = dead.address() as { port: number };
  dead.close();
  // Made before the first request: a bomb takes a second to build.
  for (const encoding of Object.keys(ENCODERS)) bomb(encoding as Encoding, 100);
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    process.stdout.write(`${JSON.stringify({ port, deadPort })}\n`);
  });
});
process.stdin.on('end', () => process.exit()).resume();
