/**
 * `verify`: an archive and its store checked from the bytes up, without any server. What holds is said as well as what
 * does not.
 */
import { DiskShelf } from './shelf.ts';
import { type ArchiveIndex, verifyRevisits, verifyWarc, withIndex } from './verify-archive.ts';
import { ArticleLedger, type OwnRun } from './verify-articles.ts';
import { type CaptureClaim, type MetCapture, verifyCaptures } from './verify-captures.ts';
import { type Checkpoint, eventOf, verifyChain } from './verify-chain.ts';
import { type HoldCheck, verifyHolds } from './verify-holds.ts';
import { type NotedInJournal, verifyJournal } from './verify-journal.ts';
import { PostLedger } from './verify-posts.ts';
import { Inspection, plural, type Report } from './verify-report.ts';
import { type RowsView, readCapture } from './verify-rows.ts';
import { verifyRuns } from './verify-runs.ts';
import { type SightingCheck, type SightingClaim, verifySightings } from './verify-sightings.ts';
import type { StoreView } from './verify-store.ts';
import type { WarcFiles } from './verify-warcs.ts';
import { vouch } from './vouch.ts';
import { newVouched, type Vouched, withVouched } from './vouched.ts';

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
  const hashes = new DiskShelf<string>();
  try {
    // Written before the store, so that what is read of it now has at least this link.
    const head = await store?.head();
    const noted = journal ? await inspectJournal(journal, { hashes, inspection }) : null;
    if (noted && head && noted.links < head.links) {
      const what = `ends at link ${noted.links}, the store at link ${head.links}: its end was cut off`;
      inspection.damage('CHAIN_BROKEN', 'the journal', what);
    }
    await withVouched(async (vouched) => {
      if (store) await inspectChain(store, { checkpoints, journal: noted, inspection, vouched });
      await withIndex(async (index) => {
        await inspectWarcs(warcs, { inspection, index });
        if (store) await inspectCaptures(store, { inspection, index, warcs, vouched });
      });
    });
    return inspection.report(warcs.name);
  } finally {
    hashes.close();
  }
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

async function inspectJournal(
  folder: string,
  { hashes, inspection }: { hashes: DiskShelf<string>; inspection: Inspection },
): Promise<NotedInJournal> {
  let noted: NotedInJournal = { hashes, links: 0, distinct: 0 };
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(noted.distinct, 'link')} in the journal: every line is whole and follows the one before.`,
    async () => {
      noted = await verifyJournal(folder, { hashes, inspection });
    },
  );
  return noted;
}

export interface ChainInspection {
  readonly checkpoints?: readonly Checkpoint[];
  readonly journal?: NotedInJournal | null;
  readonly inspection: Inspection;
  /** What the chain says of captures and sightings is put here. */
  readonly vouched: Vouched;
}

export async function inspectChain(
  store: Pick<StoreView, 'links' | 'head'>,
  { inspection, vouched, ...noted }: ChainInspection,
): Promise<void> {
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('events'), 'event')} in ${plural(inspection.counted('links'), 'link')} of the chain: every link has the hash of its events and of the link before.`,
    () =>
      verifyChain(
        { links: store.links(), head: () => store.head(), ...noted },
        inspection,
        (event) => vouch(vouched, event),
      ),
  );
}

/** Without a chain (a part of a store was exported) captures are compared with the bytes alone. */
export async function inspectCaptures(
  store: Pick<StoreView, 'captures' | 'sightings' | 'links' | 'rows' | 'shown'>,
  { inspection, index, warcs, vouched }: Ledgers & { warcs: WarcFiles; vouched: Vouched | null },
): Promise<void> {
  const added = newVouched();
  let until = inspection.counted('links');
  const later = async (): Promise<Vouched> => {
    for await (const { n, rows } of store.links(until)) {
      for (const { body } of rows) vouch(added, eventOf(body));
      until = n;
    }
    return added;
  };
  const met = new DiskShelf<MetCapture>();
  const articles = vouched && store.rows ? new ArticleLedger(store.rows) : null;
  const each = (capture: CaptureClaim): void =>
    articles?.meetCapture(capture.articleId, readCapture(capture));
  const check = { index, inspection, warcs, vouched, later, met, each };
  try {
    await inspection.holdsUnlessDamaged(
      () =>
        `${plural(inspection.counted('captures'), 'capture')}: address, time, status and digests are those of the record, and the decoded body has the digest stated.`,
      () => verifyCaptures(store.captures(), check),
    );
    if (!vouched) return;
    await inspectSightings(store, { inspection, vouched, later, met });
    if (store.rows && articles) {
      await inspectRows(store.rows, { inspection, vouched, later, articles });
    }
  } finally {
    articles?.close();
    met.close();
  }
}

interface RowsCheck extends HoldCheck {
  /** Has met the captures. */
  readonly articles: ArticleLedger;
}

async function inspectRows(rows: RowsView, check: RowsCheck): Promise<void> {
  const { inspection, articles } = check;
  const each = (run: OwnRun): void => articles.meetRun(run);
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('runs'), 'run')}: who ordered it and how it ended is what the event chain recorded, and none is missing.`,
    () => verifyRuns(rows.runs(), { ...check, each }),
  );
  await inspection.holdsUnlessDamaged(
    () =>
      `${plural(inspection.counted('articles'), 'article')}: address, title, last run and last capture are those of its runs and captures.`,
    () => articles.report(inspection),
  );
  const { holds } = rows;
  if (!holds) return;
  await inspection.holdsUnlessDamaged(
    () => 'Legal holds: laid, worded and lifted as the event chain recorded.',
    () => verifyHolds(holds(), check),
  );
}

async function inspectSightings(
  store: Pick<StoreView, 'sightings' | 'shown'>,
  {
    inspection,
    vouched,
    later,
    met,
  }: Pick<SightingCheck, 'inspection' | 'vouched' | 'later'> & { met: DiskShelf<MetCapture> },
): Promise<void> {
  const posts = store.shown && new PostLedger(store.shown, { vouched, later });
  try {
    await posts?.meetPosts(inspection);
    const take = ({ post, captureId, parser, embed }: SightingClaim): void => {
      if (post === undefined) return;
      const { parser: current, at = '' } = met.get(captureId) ?? {};
      posts?.meet(post, { embed, captureId, at, isCurrent: current === parser });
    };
    await inspection.holdsUnlessDamaged(
      () =>
        `${plural(inspection.counted('sightings'), 'sighting')}: each is what the event chain recorded, and none that it recorded is missing.`,
      () => verifySightings(store.sightings(), { inspection, vouched, later, met, each: take }),
    );
    if (!posts) return;
    await inspection.holdsUnlessDamaged(
      () =>
        `${plural(inspection.counted('posts'), 'post')}: each shows what sightings of it say, and nothing else.`,
      () => posts.report(inspection),
    );
  } finally {
    posts?.close();
  }
}
