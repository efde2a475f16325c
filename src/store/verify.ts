/**
 * `verify`: an archive and its store checked from the bytes up, without any server. What holds is said as well as what
 * does not.
 */
import type { ChainHead } from './event-chain.ts';
import { type ArchiveIndex, newIndex, verifyRevisits, verifyWarc } from './verify-archive.ts';
import {
  newVouched,
  type Vouched,
  verifyCaptures,
  verifySightings,
  vouch,
} from './verify-captures.ts';
import { verifyChain } from './verify-chain.ts';
import { Inspection, plural, type Report } from './verify-report.ts';
import type { StoreView } from './verify-store.ts';
import type { WarcFiles } from './verify-warcs.ts';

export interface VerifyOptions {
  readonly warcs: WarcFiles;
  /** Null checks the bytes alone. */
  readonly store: StoreView | null;
  /** Chain heads noted outside the store. */
  readonly checkpoints?: readonly (ChainHead & { readonly where: string })[];
}

export async function verifyArchive(options: VerifyOptions): Promise<Report> {
  const inspection = new Inspection();
  const index = newIndex();
  await inspectWarcs(options.warcs, { inspection, index });
  if (options.store) await inspectStore(options.store, { ...options, inspection, index });
  return inspection.report(options.warcs.name);
}

interface Ledgers {
  readonly inspection: Inspection;
  readonly index: ArchiveIndex;
}

export function inspectWarcs(warcs: WarcFiles, { inspection, index }: Ledgers): Promise<void> {
  const sentence = (): string =>
    `${plural(inspection.counted('records'), 'record')} in ${plural(inspection.counted('files'), 'WARC file')}: every gzip member is whole, every digest is that of its bytes, no request or response lacks its other half.`;
  return inspection.holdsUnlessDamaged(sentence, async () => {
    for await (const { name, isOpen } of warcs.list()) {
      await warcs.use(name, (source) => verifyWarc(source, { inspection, index, isOpen }));
    }
    verifyRevisits(index, inspection);
  });
}

export async function inspectStore(
  store: StoreView,
  { inspection, index, warcs, checkpoints = [] }: Ledgers & Omit<VerifyOptions, 'store'>,
): Promise<void> {
  const vouched = newVouched();
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('events'), 'event')} in ${plural(inspection.counted('links'), 'link')} of the chain: every link has the hash of its events and of the link before.`,
    async () =>
      verifyChain(
        { links: store.links(), head: await store.head(), checkpoints },
        inspection,
        (event) => vouch(vouched, event),
      ),
  );
  await inspectCaptures(store, { inspection, index, warcs, vouched });
}

/** Without a chain (a part of a store was exported) captures are compared with the bytes alone. */
export async function inspectCaptures(
  store: Pick<StoreView, 'captures' | 'sightings'>,
  { inspection, index, warcs, vouched }: Ledgers & { warcs: WarcFiles; vouched: Vouched | null },
): Promise<void> {
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('captures'), 'capture')}: address, time, status and digests are those of the record, and the decoded body has the digest stated.`,
    () => verifyCaptures(store.captures(), { index, inspection, warcs, vouched }),
  );
  if (!vouched) return;
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('sightings'), 'sighting')}: each is what the event chain recorded, and none that it recorded is missing.`,
    () => verifySightings(store.sightings(), { inspection, vouched }),
  );
}
