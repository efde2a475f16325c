/** The helpers that other tests stand on: a server that answers, survives kill and restart, and leaves nothing. */
import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, test } from 'vitest';
import { describeWith, startPostgres, startRedis } from './services.ts';

describeWith(['redis'], 'startRedis', () => {
  test('an append-only Redis keeps what it acknowledged through kill -9 and restart', async () => {
    const server = await startRedis({ appendonly: true });
    const before = new Redis(server.url, { maxRetriesPerRequest: 1 });
    before.on('error', () => {});
    await before.set('kept', 'yes');
    before.disconnect();
    await server.kill();
    await server.restart();
    const after = new Redis(server.url);
    expect(await after.get('kept')).toBe('yes');
    after.disconnect();
    await server.stop();
    expect(existsSync(server.dir)).toBe(false);
  });
});

describeWith(['postgres'], 'startPostgres', () => {
  test('each database is fresh, the pid follows a restart, stop removes the files', async () => {
    const server = await startPostgres();
    const first = await server.createDatabase();
    expect(await server.createDatabase()).not.toBe(first);
    const pid = server.pid;
    await server.restart();
    expect(server.pid).not.toBe(pid);
    const client = new pg.Client({ connectionString: first });
    await client.connect();
    const { rows } = await client.query(
      "select count(*)::int as tables from pg_tables where schemaname = 'public'",
    );
    expect(rows).toEqual([{ tables: 0 }]);
    await client.end();
    await server.stop();
    expect(existsSync(server.dir)).toBe(false);
  });
});
