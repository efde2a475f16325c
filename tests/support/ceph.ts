/**
 * A real S3 server for tests: a Ceph monitor, one OSD in memory and the RADOS gateway, from Debian's packages
 * `ceph-mon ceph-osd radosgw`, on free ports of 127.0.0.1 with all files in a temporary directory. Up in about 2 s:
 * the monitor's default of proposing once a second would make it 12.
 *
 *   describeWith(['ceph'], 'archive on S3', () => { … beforeAll(async () => { ceph = await startCeph(); }) … });
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { findProgram, freePort } from './services.ts';

const run = promisify(execFile);

export interface Ceph {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Exists and is empty. */
  readonly bucket: string;
  /** SIGSTOP and SIGCONT of the gateway, for frozen-server tests. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export async function startCeph(): Promise<Ceph> {
  const dir = await mkdtemp(join(tmpdir(), 'embedkeep-ceph-'));
  const daemons: ChildProcess[] = [];
  const stop = async (): Promise<void> => {
    // Everything is in memory or in `dir`, so there is nothing to save.
    await Promise.all(daemons.toReversed().map(end));
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const { gateway, port } = await startDaemons(dir, daemons);
    const access = { accessKey: 'EMBEDKEEPTEST', secretKey: 'embedkeep-test-secret' };
    const endpoint = `http://127.0.0.1:${port}`;
    const bucket = 'embedkeep';
    await createBucket({ endpoint, bucket, ...access });
    return {
      ...access,
      endpoint,
      bucket,
      region: 'default',
      freeze: () => gateway.kill('SIGSTOP'),
      thaw: () => gateway.kill('SIGCONT'),
      stop,
    };
  } catch (cause) {
    const log = await readFile(join(dir, 'log'), 'utf8').catch(() => '');
    await stop();
    throw new Error(`Ceph did not start: ${(cause as Error).message}\n${log.slice(-2000)}`, {
      cause,
    });
  }
}

async function startDaemons(
  dir: string,
  daemons: ChildProcess[],
): Promise<{ gateway: ChildProcess; port: number }> {
  const [monitorPort, port] = await freePorts();
  const conf = join(dir, 'ceph.conf');
  const fsid = randomUUID();
  const monitor = `[v2:127.0.0.1:${monitorPort}]`;
  for (const folder of ['mon', 'osd', 'run']) await mkdir(join(dir, folder));
  await writeFile(conf, configuration({ dir, fsid, monitor, port }));

  const tool = async (name: string, ...args: string[]): Promise<void> => {
    await run(need(name), args, { env: { ...process.env, CEPH_CONF: conf }, timeout: 40_000 });
  };
  const daemon = (name: string, ...args: string[]): ChildProcess => {
    const child = spawn(need(name), ['-c', conf, '-f', ...args], { stdio: 'ignore' });
    alive.add(child);
    child.once('exit', () => alive.delete(child));
    daemons.push(child);
    return child;
  };

  const keyring = join(dir, 'keyring');
  const map = join(dir, 'monmap');
  await tool('ceph-authtool', '--create-keyring', keyring, '--gen-key', '-n', 'mon.');
  await tool('monmaptool', '--create', '--fsid', fsid, '--addv', 'a', monitor, map);
  await tool('ceph-mon', '-c', conf, '--mkfs', '-i', 'a', '--monmap', map, '--keyring', keyring);
  daemon('ceph-mon', '-i', 'a');
  const osd = randomUUID();
  await tool('ceph', '-c', conf, '--connect-timeout', '30', 'osd', 'new', osd);
  await tool('ceph-osd', '-c', conf, '-i', '0', '--mkfs', '--osd-uuid', osd);
  daemon('ceph-osd', '-i', '0');
  const user = ['user', 'create', '--uid=t', '--display-name=t'];
  const keys = ['--access-key=EMBEDKEEPTEST', '--secret-key=embedkeep-test-secret'];
  await tool('radosgw-admin', '-c', conf, ...user, ...keys);
  const gateway = daemon('radosgw', '-n', 'client.rgw.a');
  await answers(gateway, port);
  return { gateway, port };
}

/** No authentication inside the cluster (it listens on loopback for a test); the S3 side checks its signatures. */
const configuration = (c: { dir: string; fsid: string; monitor: string; port: number }): string => `
[global]
fsid=${c.fsid}
mon_host=${c.monitor}
auth_cluster_required=none
auth_service_required=none
auth_client_required=none
public_addr=127.0.0.1
cluster_addr=127.0.0.1
osd_pool_default_size=1
osd_pool_default_min_size=1
osd_pool_default_pg_num=1
osd_pool_default_pg_autoscale_mode=off
osd_crush_chooseleaf_type=0
mon_allow_pool_size_one=true
mon_max_pg_per_osd=1000
mon_warn_on_pool_no_redundancy=false
paxos_propose_interval=0.02
paxos_min_wait=0.01
osd_objectstore=memstore
memstore_device_bytes=1073741824
run_dir=${c.dir}/run
admin_socket=
log_file=${c.dir}/log
mon_data=${c.dir}/mon
osd_data=${c.dir}/osd
[client.rgw.a]
ms_mon_client_mode=crc
rgw_frontends=beast endpoint=127.0.0.1:${c.port}
rgw_thread_pool_size=16
rgw_enable_apis=s3,admin
`;

async function answers(gateway: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (gateway.exitCode !== null) throw new Error(`radosgw exited with ${gateway.exitCode}`);
    const ok = await fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.body?.cancel().then(() => response.ok) ?? response.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > deadline) throw new Error('radosgw does not answer');
    await sleep(50);
  }
}

async function createBucket(c: {
  endpoint: string;
  bucket: string;
  accessKey: string;
  secretKey: string;
}): Promise<void> {
  const client = new S3Client({
    endpoint: c.endpoint,
    region: 'default',
    forcePathStyle: true,
    credentials: { accessKeyId: c.accessKey, secretAccessKey: c.secretKey },
  });
  await client.send(new CreateBucketCommand({ Bucket: c.bucket }));
  client.destroy();
}

async function freePorts(): Promise<[number, number]> {
  const first = await freePort();
  const second = await freePort();
  return first === second ? freePorts() : [first, second];
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function need(name: string): string {
  const path = findProgram(name);
  if (path === null) throw new Error(`${name} is not on this machine`);
  return path;
}
