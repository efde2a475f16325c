/** What a connection and its head were, in the words of a capture. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Exchange, HeaderLines } from '../capture.ts';

export function describePeer(socket: Socket | null): Pick<Exchange, 'remoteAddress' | 'tls'> {
  return {
    remoteAddress: socket?.remoteAddress ?? null,
    tls: socket instanceof TLSSocket ? socket.getProtocol() : null,
  };
}

/** Header bytes are latin1 on the wire; so they stay what they were when written to a WARC. */
export function toHeaderLines(raw: readonly Buffer[]): HeaderLines {
  const lines: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    lines.push([raw[i]?.toString('latin1') ?? '', raw[i + 1]?.toString('latin1') ?? '']);
  }
  return lines;
}
