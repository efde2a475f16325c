/** The tarball as its user meets it: packed, unpacked in an empty folder, imported and run without our sources. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const checkout = path.resolve(import.meta.dirname, '..');
let folder: string;

const run = (args: readonly string[], input?: string): string =>
  execFileSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  });

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'embedkeep-pack-'));
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: checkout, stdio: 'pipe' });
  const [tarball = ''] = readdirSync(folder);
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, 'embedkeep'), { recursive: true });
  execFileSync('tar', [
    '-xzf',
    path.join(folder, tarball),
    '--strip-components=1',
    '-C',
    path.join(modules, 'embedkeep'),
  ]);
  // Its dependencies, as npm would lay them; linked from the checkout, so that the test needs no registry.
  for (const name of readdirSync(path.join(checkout, 'node_modules'))) {
    if (!name.startsWith('.'))
      symlinkSync(path.join(checkout, 'node_modules', name), path.join(modules, name));
  }
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PAGE = `<!doctype html><article><blockquote class="twitter-tweet"><p lang="en">Hello.</p>&mdash; Example Name (@example_user) <a href="https://twitter.com/example_user/status/1431500000000000000">August 28, 2021</a></blockquote></article>`;

describe('the packed tarball', () => {
  it('holds no TypeScript sources, tests or fixtures', () => {
    const files = readdirSync(path.join(folder, 'node_modules/embedkeep'), { recursive: true }).map(
      String,
    );
    expect(
      files.filter(
        (f) =>
          (f.endsWith('.ts') && !f.endsWith('.d.ts')) ||
          f.includes('fixtures') ||
          f.startsWith('tests'),
      ),
    ).toEqual([]);
  });

  it('exports createProducer and an extract that finds a tweet', () => {
    writeFileSync(
      path.join(folder, 'use.js'),
      `import { createProducer, extract } from 'embedkeep';
       const { embeds } = extract(Buffer.from(${JSON.stringify(PAGE)}));
       console.log(JSON.stringify({ producer: typeof createProducer({ server: 'http://127.0.0.1:1' }).enqueue, embeds }));`,
    );
    const { producer, embeds } = JSON.parse(run(['use.js']));
    expect(producer).toBe('function');
    expect(embeds).toMatchObject([
      { platform: 'x', postId: '1431500000000000000', author: { handle: 'example_user' } },
    ]);
  });

  it('ships types that a strict consumer can compile against', () => {
    writeFileSync(
      path.join(folder, 'use.ts'),
      `import { createProducer, extract, type Embed, type Answer } from 'embedkeep';
       const embeds: readonly Embed[] = extract(new Uint8Array()).embeds;
       const answers: Promise<Answer[]> = createProducer({ server: 'http://127.0.0.1:1' }).enqueue(['https://news.example/']);
       export { embeds, answers };`,
    );
    execFileSync(
      'npx',
      [
        'tsc',
        '--noEmit',
        '--ignoreConfig',
        '--strict',
        '--module',
        'nodenext',
        '--target',
        'es2024',
        '--skipLibCheck',
        '--types',
        '',
        path.join(folder, 'use.ts'),
      ],
      { cwd: checkout, stdio: 'pipe' },
    );
  });

  it('runs its bin', () => {
    const bin = path.join(folder, 'node_modules/embedkeep/bin/embedkeep.mjs');
    const answer = JSON.parse(run([bin, 'extract', '--jsonl', '-'], PAGE));
    expect(answer).toMatchObject({ file: '-', embeds: [{ platform: 'x' }] });
  });

  it('opens store and queue, API and parser from the built files alone', () => {
    const bin = path.join(folder, 'node_modules/embedkeep/bin/embedkeep.mjs');
    expect(JSON.parse(run([bin, 'list', '--json']))).toEqual({ items: [], next: null });
  });
});
