/**
 * The order of records in a WARC of ours: warcinfo first, then request and response in pairs, the last pair of a
 * capture marked by the address that was ordered. So a record dropped, moved or doubled shows without any index.
 */
import type { DiskShelf } from './shelf.ts';
import { fieldOf, type RecordFacts } from './verify-record.ts';
import type { Inspection } from './verify-report.ts';

export class Neighbours {
  readonly #file: string;
  readonly #inspection: Inspection;
  readonly #ids: DiskShelf<true>;
  #request: RecordFacts | null = null;
  #isFirst = true;
  /** Inside a capture: a redirect was read whose target must follow. */
  #isOpen = false;
  /** After damage the next record's neighbour is unknown. */
  #isLost = false;

  constructor(inspection: Inspection, { file, ids }: { file: string; ids: DiskShelf<true> }) {
    this.#file = file;
    this.#ids = ids;
    this.#inspection = inspection;
  }

  next(record: RecordFacts): void {
    if (record.id !== '' && !this.#ids.add(record.id, true)) {
      this.#say(record, 'has the id of an earlier record');
    }
    if (this.#isFirst) this.#first(record);
    else if (record.type === 'request') this.#onRequest(record);
    else if (record.type === 'response' || record.type === 'revisit') this.#onResponse(record);
    else this.#say(record, `is a ${record.type || 'nameless'} record, which has no place here`);
    this.#isFirst = false;
    this.#isLost = false;
  }

  lose(): void {
    this.#request = null;
    this.#isFirst = false;
    this.#isOpen = false;
    this.#isLost = true;
  }

  end(): void {
    if (this.#request) this.#say(this.#request, 'is a request whose response is missing');
    else if (this.#isOpen) {
      this.#inspection.damage('RECORD_MISSING', this.#file, 'ends within a capture');
    }
  }

  #first(record: RecordFacts): void {
    if (record.type !== 'warcinfo') {
      this.#say(record, 'comes first, where a warcinfo record should be');
      return;
    }
    const name = fieldOf(record.fields, 'WARC-Filename');
    if (name !== this.#file && name !== this.#file.split('/').at(-1)) {
      this.#say(record, `says that this file is ${name}`);
    }
  }

  #onRequest(record: RecordFacts): void {
    if (this.#request) this.#say(this.#request, 'is a request whose response is missing');
    this.#request = record;
  }

  #onResponse(record: RecordFacts): void {
    const request = this.#request;
    this.#request = null;
    if (request) {
      const isItsOwn =
        fieldOf(request.fields, 'WARC-Concurrent-To') === record.id &&
        fieldOf(request.fields, 'WARC-Target-URI') === fieldOf(record.fields, 'WARC-Target-URI');
      if (!isItsOwn) this.#say(record, 'follows the request of another record');
    } else if (!this.#isLost) this.#say(record, 'is a response whose request is missing');
    this.#isOpen = fieldOf(record.fields, 'Embedkeep-Capture-URI') === null;
  }

  #say(record: RecordFacts, what: string): void {
    this.#inspection.damage('RECORD_MISSING', `${this.#file}@${record.offset}`, what);
  }
}
