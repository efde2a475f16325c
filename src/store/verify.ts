/**
 * `verify`: an archive and its store checked from the bytes up, without any server. What holds is said as well as what
 * does not.
 */
import { type ArchiveIndex, newIndex, verifyRevisits, verifyWarc } from './verify-archive.ts';
import { verifyCaptures } from './verify-captures.ts';
import { type Checkpoint, eventOf, verifyChain } from './verify-chain.ts';
import { verifyJournal } from './verify-journal.ts';
import { Inspection, plural, type Report } from './verify-report.ts';
import { verifySightings } from './verify-sightings.ts';
import type { StoreView } from './verify-store.ts';
import type { WarcFiles } from './verify-warcs.ts';
import { newVouched, type Vouched, vouch } from './vouched.ts';

export interface VerifyOptions {
  readonly warcs: WarcFiles;
  /** Null checks the bytes alone. */
  readonly store: StoreView | null;
  /** Folder of the journal beside an embedded store. */
  readonly journal?: string;
  /** Chain heads noted outside the store. */
  readonly checkpoints?: readonly Checkpoint[];
  /** What was found before. */
  readonly inspection?: Inspection;
}

/** The chain first: what is captured while the check runs is then newer than all that is compared. */
export async function verifyArchive(options: VerifyOptions): Promise<Report> {
  const { warcs, store, journal, checkpoints = [], inspection = new Inspection() } = options;
  const index = newIndex();
  // Written before the store, so that what is read of it now has at least this link.
  const head = await store?.head();
  const noted = journal ? await inspectJournal(journal, inspection) : [];
  const newest = noted.at(-1)?.links ?? 0;
  if (journal && head && newest < head.links) {
    const what = `ends at link ${newest}, the store at link ${head.links}: its end was cut off`;
    inspection.damage('CHAIN_BROKEN', 'the journal', what);
  }
  const vouched = store ? await inspectChain(store, [...checkpoints, ...noted], inspection) : null;
  await inspectWarcs(warcs, { inspection, index });
  if (store) await inspectCaptures(store, { inspection, index, warcs, vouched });
  return inspection.report(warcs.name);
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

async function inspectJournal(folder: string, inspection: Inspection): Promise<Checkpoint[]> {
  let noted: Checkpoint[] = [];
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(noted.length, 'link')} in the journal: every line is whole and follows the one before.`,
    async () => {
      noted = await verifyJournal(folder, inspection);
    },
  );
  return noted;
}

export async function inspectChain(
  store: Pick<StoreView, 'links' | 'head'>,
  checkpoints: readonly Checkpoint[],
  inspection: Inspection,
): Promise<Vouched> {
  const vouched = newVouched();
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('events'), 'event')} in ${plural(inspection.counted('links'), 'link')} of the chain: every link has the hash of its events and of the link before.`,
    () =>
      verifyChain(
        { links: store.links(), head: () => store.head(), checkpoints },
        inspection,
        (event) => vouch(vouched, event),
      ),
  );
  return vouched;
}

/** Without a chain (a part of a store was exported) captures are compared with the bytes alone. */
export async function inspectCaptures(
  store: Pick<StoreView, 'captures' | 'sightings' | 'links'>,
  { inspection, index, warcs, vouched }: Ledgers & { warcs: WarcFiles; vouched: Vouched | null },
): Promise<void> {
  const until = inspection.counted('links');
  const later = async (): Promise<Vouched> => {
    const added = newVouched();
    for await (const { rows } of store.links(until)) {
      for (const { body } of rows) vouch(added, eventOf(body));
    }
    return added;
  };
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('captures'), 'capture')}: address, time, status and digests are those of the record, and the decoded body has the digest stated.`,
    () => verifyCaptures(store.captures(), { index, inspection, warcs, vouched, later }),
  );
  if (!vouched) return;
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('sightings'), 'sighting')}: each is what the event chain recorded, and none that it recorded is missing.`,
    () => verifySightings(store.sightings(), { inspection, vouched, later }),
  );
}
