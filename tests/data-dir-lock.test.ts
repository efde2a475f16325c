import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOCK_FILE, lockDataDir, lockHolder } from '../src/data-dir-lock.ts';
import { aliveness, type Identity, myIdentity } from '../src/process-identity.ts';

const source = new URL('../src/data-dir-lock.ts', import.meta.url).href;
const quick = { everyMs: 20, patienceMs: 300 };
const never = (): void => {
  throw new Error('the lock was lost');
};

let dir: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'embedkeep-lock-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** Another process that takes the lock and says so, or says why not. */
const holdElsewhere = () => holdInProcess(dir);

async function holdInProcess(where: string): Promise<{ child: ChildProcess; said: string }> {
  const script = `import { lockDataDir } from ${JSON.stringify(source)};
    try {
      const lock = await lockDataDir(${JSON.stringify(where)}, () => process.exit(9));
      lock.publish('http://127.0.0.1:4711');
      console.log('held');
      setInterval(() => {}, 1000);
    } catch (e) { console.log(e.code + ' ' + e.message); }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = await once(child.stdout, 'data');
  return { child, said: String(said).trim() };
}

const lockFile = (holder: object): void =>
  writeFileSync(
    join(dir, LOCK_FILE),
    JSON.stringify({ ...myIdentity(), nonce: 'other', since: 'then', address: null, ...holder }),
  );

describe('the data directory', () => {
  test('is refused to a second process, which is told who holds it and where', async () => {
    const { child } = await holdElsewhere();
    const refusal = lockDataDir(dir, never);
    await expect(refusal).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    await expect(refusal).rejects.toThrow(`process ${child.pid}`);
    await expect(refusal).rejects.toThrow('http://127.0.0.1:4711');
    expect(lockHolder(dir)).toMatchObject({ pid: child.pid, address: 'http://127.0.0.1:4711' });
  });

  test('is free at once after kill -9 of its holder', async () => {
    const { child } = await holdElsewhere();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(lockHolder(dir)).toBeNull();
    (await lockDataDir(dir, never)).release();
  });

  test('goes to exactly one of many that start together over a dead holder', async () => {
    lockFile({ started: 'long ago' });
    const all = await Promise.all(Array.from({ length: 6 }, holdElsewhere));
    expect(all.filter(({ said }) => said === 'held')).toHaveLength(1);
    expect(all.filter(({ said }) => said.startsWith('DATA_DIR_LOCKED'))).toHaveLength(5);
  });

  test('is made with its parents', async () => {
    const deep = join(dir, 'a', 'b', 'data');
    (await lockDataDir(deep, never)).release();
    expect(lockHolder(deep)).toBeNull();
  });

  test('that cannot be one is named as a wrong setting', async () => {
    const file = join(dir, 'file');
    writeFileSync(file, '');
    for (const where of [file, join(file, 'below')]) {
      const refusal = lockDataDir(where, never);
      await expect(refusal).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      await expect(refusal).rejects.toThrow(`DATA_DIR: got "${where}", accepted is a directory`);
    }
  });

  // In a process of its own: Node's recursive mkdir never comes back here.
  test.runIf(existsSync('/proc/self'))('whose parent takes no folders is refused too', async () => {
    const { said } = await holdInProcess('/proc/embedkeep/data');
    expect(said).toContain('CONFIG_INVALID DATA_DIR: got "/proc/embedkeep/data"');
  });

  test('is free after release, and the file is gone', async () => {
    const lock = await lockDataDir(dir, never);
    lock.release();
    expect(() => readFileSync(join(dir, LOCK_FILE))).toThrow('ENOENT');
    (await lockDataDir(dir, never)).release();
  });

  test('is free where a power failure left an empty lock', async () => {
    writeFileSync(join(dir, LOCK_FILE), '');
    (await lockDataDir(dir, never)).release();
  });

  test('of a silent holder in another container is taken over after its patience', async () => {
    lockFile({ host: 'elsewhere', pidSpace: 'pid:[1]' });
    const began = Date.now();
    (await lockDataDir(dir, never, quick)).release();
    expect(Date.now() - began).toBeGreaterThan(quick.patienceMs - 100);
  });

  test('of a holder in another container that gives signs of life is refused', async () => {
    lockFile({ host: 'elsewhere', pidSpace: 'pid:[1]' });
    const beat = setInterval(() => {
      utimesSync(join(dir, LOCK_FILE), new Date(), new Date());
    }, 50);
    await expect(lockDataDir(dir, never, quick)).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    clearInterval(beat);
  });

  test('taken from a holder after all tells it', async () => {
    let lost = false;
    const lock = await lockDataDir(
      dir,
      () => {
        lost = true;
      },
      quick,
    );
    lockFile({});
    await expect.poll(() => lost).toBe(true);
    lock.release();
    expect(readFileSync(join(dir, LOCK_FILE), 'utf8')).toContain('other');
  });
});

describe('a holder', () => {
  const here = myIdentity();
  test.each<[string, Partial<Identity>, string]>([
    ['this process', {}, 'alive'],
    ['a pid used again by a later process', { started: '1' }, 'dead'],
    ['a pid that is not there', { pid: 2 ** 22 - 1 }, 'dead'],
    ['of before a reboot', { bootId: 'earlier' }, 'dead'],
    ['another container', { host: 'b', pidSpace: 'pid:[1]' }, 'unknown'],
    ['this container before it was started again', { pidSpace: 'pid:[1]', pid: 1 }, 'unknown'],
    ['another machine', { host: 'b', bootId: 'other' }, 'unknown'],
  ])('%s is %s', (_name, change, expected) => {
    expect(aliveness({ ...here, ...change }, here)).toBe(expected);
  });
});
